package io.clipper.replica;

import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChanged;
import io.clipper.membership.Members;
import io.clipper.membership.MembersActor;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.ModelId;
import io.clipper.replica.Placement.Copy;
import io.clipper.replica.Placement.Node;
import io.clipper.replica.WantedReplicas.Wanted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Tells this node's host which copies are its own. The oldest node that runs replicas works the placement out from the last one, so that
 * nothing moves without need, and tells the others; when it is gone the next oldest goes on from what it heard last. A node that is about to
 * stop is left out, and so is one that failed to run a copy, as far as another may run it.
 */
final class PlacementActor {
  sealed interface Command {}

  private record CatalogIs(Catalog catalog) implements Command {}

  private record MembersAre(Members members) implements Command {}

  private record Heard(News news) implements Command {}

  private final ActorContext<Command> context;
  private final ActorRef<BulletinActor.Command> bulletin;
  private final ReplicaTable table;
  private final ActorRef<ReplicaHostActor.Command> host;
  private final Map<String, Placement> heard = new HashMap<>();
  /** By the nodes' bulletins: a node that is started again under its address is another. */
  private final Map<ActorRef<BulletinActor.Command>, Running> running = new HashMap<>();
  private final Set<ActorRef<BulletinActor.Command>> leaving = new HashSet<>();
  private List<Wanted> wanted = List.of();
  private Members members = Members.NONE;
  private Placement placement = Placement.NONE;
  private boolean catalogKnown;

  private PlacementActor(
      ActorContext<Command> context, ActorRef<BulletinActor.Command> bulletin, ReplicaTable table, ActorRef<ReplicaHostActor.Command> host) {
    this.context = context;
    this.bulletin = bulletin;
    this.table = table;
    this.host = host;
  }

  /** @param catalog subscribes to the catalog */
  static Behavior<Command> create(
      ActorRef<BulletinActor.Command> bulletin,
      ActorRef<MembersActor.Command> members,
      Consumer<ActorRef<CatalogChanged>> catalog,
      ReplicaTable table,
      ActorRef<ReplicaHostActor.Command> host) {
    return Behaviors.setup(
        context -> {
          catalog.accept(context.messageAdapter(CatalogChanged.class, changed -> new CatalogIs(changed.catalog())));
          members.tell(new MembersActor.Watch(context.messageAdapter(Members.class, MembersAre::new)));
          ActorRef<News> news = context.messageAdapter(News.class, Heard::new);
          Stream.of(Placed.TOPIC, Running.TOPIC, Leaving.TOPIC).forEach(topic -> bulletin.tell(new BulletinActor.Listen(topic, news)));
          return new PlacementActor(context, bulletin, table, host).placing();
        });
  }

  private Behavior<Command> placing() {
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case CatalogIs(var catalog) -> {
              wanted = WantedReplicas.of(catalog.models().values(), catalog.applications().values());
              catalogKnown = true;
            }
            case MembersAre(var now) -> members = now;
            case Heard(var news) -> {
              if (!hear(news)) {
                return Behaviors.same();
              }
            }
          }
          follow();
          return Behaviors.same();
        });
  }

  /** Whether it says anything new of where copies may be: most of what nodes tell of their copies does not. */
  private boolean hear(News news) {
    Map<CopyId, Set<String>> failuresBefore = failures();
    switch (news.topic()) {
      case Running.TOPIC -> put(running, news.node(), news.value().map(Running.class::cast));
      case Placed.TOPIC -> put(heard, nameOf(news.node()), news.value().map(Placed.class::cast).map(Placed::placement));
      case Leaving.TOPIC -> {
        if (news.value().isPresent()) {
          leaving.add(news.node());
        } else {
          leaving.remove(news.node());
        }
      }
      default -> throw new IllegalStateException("nothing was asked about " + news.topic());
    }
    return !news.topic().equals(Running.TOPIC) || !failures().equals(failuresBefore);
  }

  private static <K, V> void put(Map<K, V> map, K key, Optional<V> value) {
    value.ifPresentOrElse(now -> map.put(key, now), () -> map.remove(key));
  }

  private String nameOf(ActorRef<BulletinActor.Command> node) {
    return node.path().address().hasLocalScope() ? members.self() : Peer.nameOf(node.path().address());
  }

  private void follow() {
    // Before it is up itself, a node knows too little of the others to say that none may run something.
    if (!catalogKnown || !members.isInReach(members.self())) {
      return;
    }
    List<Peer> nodes = nodes();
    Optional<Peer> oldest = members.oldest(NodeRoles.REPLICA);
    if (oldest.filter(peer -> peer.address().equals(members.self())).isPresent()) {
      decide(nodes);
    } else {
      oldest.ifPresent(peer -> placement = heard.getOrDefault(peer.address(), placement));
    }
    List<Wanted> numbered = wanted.stream().map(version -> numbered(version, nodes)).toList();
    table.placed(placing(numbered, nodes));
    host.tell(new ReplicaHostActor.Want(numbered, elsewhere(numbered)));
  }

  /** Those that run replicas, and are not about to stop. */
  private List<Peer> nodes() {
    Set<String> stopping = leaving.stream().map(this::nameOf).collect(Collectors.toUnmodifiableSet());
    return members.with(NodeRoles.REPLICA).stream().filter(peer -> !stopping.contains(peer.address())).toList();
  }

  private void decide(List<Peer> nodes) {
    Map<CopyId, Set<String>> failures = failures();
    List<Copy> copies = wanted.stream().flatMap(version -> copies(version, nodes, failures)).toList();
    Placement next = placement.next(copies, nodes.stream().map(peer -> new Node(peer.address(), EveryNode.with(peer.roles(), peer.address()))).toList());
    if (!next.equals(heard.get(members.self()))) {
      context.getLog().debug("placed on {}: {}", next.nodes(), next.nodeOf());
      bulletin.tell(new BulletinActor.Tell(Placed.TOPIC, new Placed(next)));
      heard.put(members.self(), next);
    }
    placement = next;
  }

  private Stream<Copy> copies(Wanted version, List<Peer> nodes, Map<CopyId, Set<String>> failures) {
    Set<String> needs = needs(version, nodes);
    return version.isForEveryNode()
        ? EveryNode.copies(version.version().id(), needs, placement, able(version, nodes))
        : version.copies().stream()
            .map(copy -> new Copy(copy.key(), copy.model().toString(), needs, failures.getOrDefault(copy, Set.of())));
  }

  private static Set<String> needs(Wanted version, List<Peer> nodes) {
    return Needs.of(version.version().runtime(), nodes.stream().anyMatch(peer -> peer.has(NodeRoles.GPU)));
  }

  private static Set<String> able(Wanted version, List<Peer> nodes) {
    Set<String> needs = needs(version, nodes);
    return nodes.stream().filter(peer -> peer.roles().containsAll(needs)).map(Peer::address).collect(Collectors.toUnmodifiableSet());
  }

  /** Where each node is to have a copy: with the numbers that the placement knows, or one that has no place. */
  private Wanted numbered(Wanted version, List<Peer> nodes) {
    if (!version.isForEveryNode()) {
      return version;
    }
    Set<Integer> numbers = EveryNode.numbers(version.version().id(), placement).keySet();
    return version.numbered(numbers.isEmpty() && able(version, nodes).isEmpty() ? Set.of(0) : numbers);
  }

  private Placing placing(List<Wanted> numbered, List<Peer> nodes) {
    Map<ModelId, Integer> mayRun = new HashMap<>();
    List<ReplicaStatus> nowhere = new ArrayList<>();
    Set<CopyId> own = new HashSet<>();
    for (Wanted version : numbered) {
      int able = able(version, nodes).size();
      mayRun.put(version.version().id(), able);
      for (CopyId copy : version.copies()) {
        if (able == 0) {
          nowhere.add(ReplicaStatus.nowhere(copy, Needs.unmet(version.version().runtime(), nodes)));
        } else if (isOwn(copy)) {
          own.add(copy);
        }
      }
    }
    return new Placing(mayRun, nowhere, placement.nodes().contains(members.self()) ? Optional.of(own) : Optional.empty());
  }

  private boolean isOwn(CopyId copy) {
    return members.self().equals(placement.nodeOf().get(copy.key()));
  }

  private Map<CopyId, Optional<String>> elsewhere(List<Wanted> numbered) {
    return numbered.stream()
        .flatMap(version -> version.copies().stream())
        .filter(copy -> !isOwn(copy))
        .collect(Collectors.toUnmodifiableMap(copy -> copy, copy -> Optional.ofNullable(placement.nodeOf().get(copy.key()))));
  }

  /** Where each copy has failed: a node keeps one that has until it is ready elsewhere. */
  private Map<CopyId, Set<String>> failures() {
    Map<CopyId, Set<String>> failures = new HashMap<>();
    running.forEach(
        (node, copies) ->
            copies.statuses().stream()
                .filter(ReplicaStatus::hasFailed)
                .forEach(copy -> failures.computeIfAbsent(copy.copy(), id -> new HashSet<>()).add(nameOf(node))));
    return failures;
  }
}
