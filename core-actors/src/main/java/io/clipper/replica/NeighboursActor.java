package io.clipper.replica;

import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.membership.Peer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Hears of the other nodes' copies: brings them to this node's routers and its table, and tells its host what is ready elsewhere. */
final class NeighboursActor {
  private final ReplicaRouters routers;
  private final ReplicaTable table;
  private final ActorRef<ReplicaHostActor.Command> host;
  private final Map<String, Running> known = new HashMap<>();

  private NeighboursActor(ReplicaRouters routers, ReplicaTable table, ActorRef<ReplicaHostActor.Command> host) {
    this.routers = routers;
    this.table = table;
    this.host = host;
  }

  static Behavior<News> create(
      ActorRef<BulletinActor.Command> bulletin, ReplicaRouters routers, ReplicaTable table, ActorRef<ReplicaHostActor.Command> host) {
    return Behaviors.setup(
        context -> {
          bulletin.tell(new BulletinActor.Listen(Running.TOPIC, context.getSelf()));
          return new NeighboursActor(routers, table, host).listening();
        });
  }

  private Behavior<News> listening() {
    return Behaviors.receiveMessage(
        news -> {
          if (!news.node().path().address().hasLocalScope()) {
            String node = Peer.nameOf(news.node().path().address());
            news.value().map(Running.class::cast).ifPresentOrElse(running -> hear(node, running), () -> lose(node));
          }
          return Behaviors.same();
        });
  }

  private void hear(String node, Running now) {
    Running before = known.put(node, now);
    tellRouters(before == null ? Running.NONE : before, now);
    tellNode(node, now);
  }

  /** The node does not answer; it may be back. */
  private void lose(String node) {
    Running before = known.remove(node);
    if (before != null) {
      before.copies().forEach(copy -> copy.ref().ifPresent(ref -> routers.unreachable(copy.status().model(), ref)));
    }
    tellNode(node, Running.NONE);
  }

  private void tellNode(String node, Running now) {
    table.heard(node, now.statuses());
    host.tell(new ReplicaHostActor.ReadyElsewhere(readyCopies()));
  }

  private void tellRouters(Running before, Running now) {
    Set<Running.Copy> gone = new HashSet<>(before.copies());
    now.copies().stream().filter(copy -> copy.ref().isPresent()).forEach(copy -> gone.removeIf(old -> old.ref().equals(copy.ref())));
    gone.forEach(copy -> copy.ref().ifPresent(ref -> routers.left(copy.status().model(), ref)));
    now.copies().forEach(copy -> copy.ref().ifPresent(ref -> routers.joined(copy.status().model(), ref)));
  }

  private Map<String, Set<CopyId>> readyCopies() {
    Map<String, Set<CopyId>> ready = new HashMap<>();
    known.forEach(
        (node, running) ->
            ready.put(
                node,
                running.copies().stream()
                    .filter(copy -> copy.ref().isPresent())
                    .map(copy -> copy.status().copy())
                    .collect(Collectors.toUnmodifiableSet())));
    return ready;
  }
}
