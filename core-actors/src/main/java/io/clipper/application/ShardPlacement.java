package io.clipper.application;

import io.clipper.membership.Members;
import io.clipper.membership.Peer;
import io.clipper.replica.Placement;
import io.clipper.replica.Placement.Copy;
import io.clipper.replica.Placement.Node;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.sharding.ShardCoordinator.AbstractShardAllocationStrategy;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Places the shards of the loops as {@link Placement} places replicas: one that is where it may be stays there. Those of the partitions of
 * every node are dealt out evenly instead, so that each node has some, and a node keeps its lowest, which takes its queries. No shard goes to
 * a node that is out of reach while another is not.
 */
final class ShardPlacement extends AbstractShardAllocationStrategy {
  private final Address self;
  private final Supplier<Members> members;

  /**
   * @param self this node's address, which a region of this node does not show
   * @param members as this node sees them now
   */
  ShardPlacement(Address self, Supplier<Members> members) {
    this.self = self;
    this.members = members;
  }

  @Override
  public Future<ActorRef> allocateShard(ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> all) {
    Map<ActorRef, IndexedSeq<String>> allocations = inReach(all);
    if (Partitions.spreadPartition(shard) > 0) {
      return Future.successful(allocations.keySet().stream().min(fewestSpread(allocations, shard)).orElse(requester));
    }
    Map<String, ActorRef> regions = allocations.keySet().stream().collect(Collectors.toMap(this::name, Function.identity()));
    Placement current = current(allocations);
    int shards = current.nodeOf().size() + 1;
    return Future.successful(current.best(Copy.of(shard), shards, nodes(allocations)).map(regions::get).orElse(requester));
  }

  /**
   * Nothing more, until what moves has moved: a shard on its way is on no region's account. Nor while a member is out of reach, as each must
   * say that it has heard of the move before the shard runs again.
   */
  @Override
  public Future<Set<String>> rebalance(Map<ActorRef, IndexedSeq<String>> allocations, Set<String> onTheirWay) {
    if (!onTheirWay.isEmpty() || !members.get().outOfReach().isEmpty()) {
      return Future.successful(Set.of());
    }
    Set<String> moving = misplaced(allocations);
    moving.addAll(unevenlySpread(allocations));
    return Future.successful(moving);
  }

  private Map<ActorRef, IndexedSeq<String>> inReach(Map<ActorRef, IndexedSeq<String>> all) {
    Set<String> outOfReach = members.get().outOfReach();
    Map<ActorRef, IndexedSeq<String>> inReach = new HashMap<>(all);
    inReach.keySet().removeIf(region -> outOfReach.contains(Peer.nameOf(address(region))));
    return inReach.isEmpty() ? all : inReach;
  }

  private Comparator<ActorRef> fewestSpread(Map<ActorRef, IndexedSeq<String>> allocations, String shard) {
    return Comparator.comparingInt((ActorRef region) -> spread(Objects.requireNonNull(allocations.get(region))).size())
        .thenComparing(region -> Placement.score(name(region), shard), Comparator.reverseOrder());
  }

  /** What those have who have more than their share, while others have less than theirs: the highest first. */
  private static Set<String> unevenlySpread(Map<ActorRef, IndexedSeq<String>> allocations) {
    List<List<String>> all = allocations.values().stream().map(ShardPlacement::spread).toList();
    int shards = all.stream().mapToInt(List::size).sum();
    int least = all.isEmpty() ? 0 : shards / all.size();
    int missing = all.stream().mapToInt(has -> Math.max(0, least - has.size())).sum();
    Set<String> moving = new HashSet<>();
    for (List<String> has : all.stream().sorted(Comparator.comparingInt((List<String> each) -> each.size()).reversed()).toList()) {
      int surplus = Math.min(missing, has.size() - least);
      for (int i = 0; i < surplus; i++) {
        moving.add(has.get(has.size() - 1 - i));
      }
      missing -= Math.max(0, surplus);
    }
    return moving;
  }

  /** Lowest first. */
  private static List<String> spread(IndexedSeq<String> shards) {
    return CollectionConverters.asJava(shards).stream()
        .filter(shard -> Partitions.spreadPartition(shard) > 0)
        .sorted(Comparator.comparingInt(Partitions::spreadPartition))
        .toList();
  }

  private Set<String> misplaced(Map<ActorRef, IndexedSeq<String>> allocations) {
    Placement current = current(allocations);
    Placement next = current.next(current.nodeOf().keySet().stream().map(Copy::of).toList(), nodes(allocations));
    Set<String> misplaced = new HashSet<>();
    current.nodeOf().forEach(
        (shard, region) -> {
          if (!region.equals(next.nodeOf().get(shard))) {
            misplaced.add(shard);
          }
        });
    return misplaced;
  }

  /** A region without any shard is new: it takes its share. */
  private Placement current(Map<ActorRef, IndexedSeq<String>> allocations) {
    Map<String, String> nodeOf = new HashMap<>();
    allocations.forEach(
        (region, has) ->
            CollectionConverters.asJava(has).stream()
                .filter(shard -> Partitions.spreadPartition(shard) == 0)
                .forEach(shard -> nodeOf.put(shard, name(region))));
    return new Placement(Set.copyOf(nodeOf.values()), nodeOf);
  }

  private List<Node> nodes(Map<ActorRef, IndexedSeq<String>> allocations) {
    return allocations.keySet().stream().map(region -> new Node(name(region), Set.of())).toList();
  }

  private String name(ActorRef region) {
    return address(region).hostPort();
  }

  private Address address(ActorRef region) {
    Address address = region.path().address();
    return address.hasLocalScope() ? self : address;
  }
}
