package io.clipper.replica;

import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChanged;
import io.clipper.membership.Members;
import io.clipper.membership.MembersActor;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.replica.Placement.Copy;
import io.clipper.replica.Placement.Node;
import io.clipper.replica.WantedReplicas.Wanted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Tells this node's host which copies are its own. The oldest node that runs replicas works the placement out from the last one, so that
 * nothing moves without need, and tells the others; when it is gone the next oldest goes on from what it heard last.
 */
final class PlacementActor {
  sealed interface Command {}

  private record CatalogIs(Catalog catalog) implements Command {}

  private record MembersAre(Members members) implements Command {}

  private record Heard(News news) implements Command {}

  private final ActorContext<Command> context;
  private final ActorRef<BulletinActor.Command> bulletin;
  private final ActorRef<ReplicaHostActor.Command> host;
  private final Map<String, Placement> heard = new HashMap<>();
  private List<Wanted> wanted = List.of();
  private Members members = Members.NONE;
  private Placement placement = Placement.NONE;
  private boolean catalogKnown;

  private PlacementActor(ActorContext<Command> context, ActorRef<BulletinActor.Command> bulletin, ActorRef<ReplicaHostActor.Command> host) {
    this.context = context;
    this.bulletin = bulletin;
    this.host = host;
  }

  /** @param catalog subscribes to the catalog */
  static Behavior<Command> create(
      ActorRef<BulletinActor.Command> bulletin,
      ActorRef<MembersActor.Command> members,
      Consumer<ActorRef<CatalogChanged>> catalog,
      ActorRef<ReplicaHostActor.Command> host) {
    return Behaviors.setup(
        context -> {
          catalog.accept(context.messageAdapter(CatalogChanged.class, changed -> new CatalogIs(changed.catalog())));
          members.tell(new MembersActor.Watch(context.messageAdapter(Members.class, MembersAre::new)));
          bulletin.tell(new BulletinActor.Listen(Placed.TOPIC, context.messageAdapter(News.class, Heard::new)));
          return new PlacementActor(context, bulletin, host).placing();
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
            case Heard(var news) -> hear(news);
          }
          follow();
          return Behaviors.same();
        });
  }

  private void hear(News news) {
    String node = news.node().path().address().hasLocalScope() ? members.self() : Peer.nameOf(news.node().path().address());
    if (news.value().isPresent() && news.value().get() instanceof Placed(var told)) {
      heard.put(node, told);
    } else {
      heard.remove(node);
    }
  }

  private void follow() {
    Optional<Peer> oldest = members.oldest(NodeRoles.REPLICA);
    if (!catalogKnown || oldest.isEmpty()) {
      return;
    }
    if (oldest.get().address().equals(members.self())) {
      decide();
    } else {
      placement = heard.getOrDefault(oldest.get().address(), placement);
    }
    host.tell(new ReplicaHostActor.Want(wanted, elsewhere()));
  }

  private void decide() {
    List<Node> nodes = members.with(NodeRoles.REPLICA).stream().map(peer -> new Node(peer.address(), peer.roles())).toList();
    Placement next = placement.next(copies().values(), nodes);
    if (!next.equals(heard.get(members.self()))) {
      context.getLog().debug("placed on {}: {}", next.nodes(), next.nodeOf());
      bulletin.tell(new BulletinActor.Tell(Placed.TOPIC, new Placed(next)));
      heard.put(members.self(), next);
    }
    placement = next;
  }

  private Set<CopyId> elsewhere() {
    return copies().keySet().stream()
        .filter(copy -> !members.self().equals(placement.nodeOf().get(copy.key())))
        .collect(Collectors.toUnmodifiableSet());
  }

  private Map<CopyId, Copy> copies() {
    Map<CopyId, Copy> copies = new HashMap<>();
    boolean anyGpu = !members.with(NodeRoles.GPU).isEmpty();
    for (Wanted version : wanted) {
      for (CopyId copy : version.copies()) {
        copies.put(copy, new Copy(copy.key(), copy.model().toString(), Needs.of(version.version().runtime(), anyGpu)));
      }
    }
    return copies;
  }
}
