package io.clipper.application;

import io.clipper.replica.Placement;
import io.clipper.replica.Placement.Copy;
import io.clipper.replica.Placement.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.sharding.ShardCoordinator.AbstractShardAllocationStrategy;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/** Places the shards of the loops as {@link Placement} places replicas: one that is where it may be stays there. */
final class ShardPlacement extends AbstractShardAllocationStrategy {
  private final Address self;

  /** @param self this node's address, which a region of this node does not show */
  ShardPlacement(Address self) {
    this.self = self;
  }

  @Override
  public Future<ActorRef> allocateShard(ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> allocations) {
    Map<String, ActorRef> regions = allocations.keySet().stream().collect(Collectors.toMap(this::name, Function.identity()));
    Placement current = current(allocations);
    int shards = current.nodeOf().size() + 1;
    return Future.successful(current.best(Copy.of(shard), shards, nodes(allocations)).map(regions::get).orElse(requester));
  }

  /** Nothing more, until what moves has moved: a shard on its way is on no region's account. */
  @Override
  public Future<Set<String>> rebalance(Map<ActorRef, IndexedSeq<String>> allocations, Set<String> onTheirWay) {
    return Future.successful(onTheirWay.isEmpty() ? misplaced(allocations) : Set.of());
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
    allocations.forEach((region, has) -> CollectionConverters.asJava(has).forEach(shard -> nodeOf.put(shard, name(region))));
    return new Placement(Set.copyOf(nodeOf.values()), nodeOf);
  }

  private List<Node> nodes(Map<ActorRef, IndexedSeq<String>> allocations) {
    return allocations.keySet().stream().map(region -> new Node(name(region), Set.of())).toList();
  }

  private String name(ActorRef region) {
    Address address = region.path().address();
    return (address.hasLocalScope() ? self : address).hostPort();
  }
}
