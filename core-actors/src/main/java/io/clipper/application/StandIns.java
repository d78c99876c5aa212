package io.clipper.application;

import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.catalog.CatalogChanged;
import io.clipper.storage.JournalBytes;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** One node's stand-ins for the loops of other nodes, each made when it is first needed, and what was heard of their ledgers. */
final class StandIns {
  private static final Ledger NOTHING = Ledger.start();

  private final ActorSystem<?> system;
  private final ServingParts parts;
  private final ConcurrentHashMap<String, Ledger> heard = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, ActorRef<ApplicationActor.Command>> standIns = new ConcurrentHashMap<>();

  StandIns(ActorSystem<?> system, ServingParts parts) {
    this.system = system;
    this.parts = parts;
  }

  /** Hears of every application's ledgers; subscribes to the catalog with what comes back. */
  ActorRef<CatalogChanged> listen(ActorRef<BulletinActor.Command> bulletin) {
    return system.systemActorOf(Behaviors.setup(context -> following(context, bulletin, new HashSet<>())), "clipper-heard-ledgers", Props.empty());
  }

  ActorRef<ApplicationActor.Command> of(String entityId) {
    return standIns.computeIfAbsent(
        entityId,
        id ->
            system.systemActorOf(
                StandInActor.create(parts, Partitions.applicationOf(id), () -> heard.getOrDefault(id, NOTHING)),
                "stand-in-" + URLEncoder.encode(id, StandardCharsets.UTF_8),
                Props.empty()));
  }

  private Behavior<CatalogChanged> following(
      ActorContext<CatalogChanged> context, ActorRef<BulletinActor.Command> bulletin, Set<String> followed) {
    return Behaviors.receiveMessage(
        changed -> {
          for (String name : changed.catalog().applications().keySet()) {
            String entityId = Partitions.entityId(name, 0);
            if (followed.add(entityId)) {
              String encoded = URLEncoder.encode(entityId, StandardCharsets.UTF_8);
              bulletin.tell(new BulletinActor.Listen(Learned.topic(entityId), context.spawn(hearing(entityId), encoded)));
            }
          }
          return Behaviors.same();
        });
  }

  /** What was learned is still true when the node that told it is gone: that is what it is heard for. */
  private Behavior<News> hearing(String entityId) {
    return Behaviors.receiveMessage(
        news -> {
          if (news.value().isPresent() && news.value().get() instanceof Learned(ByteBuffer bytes)) {
            heard.put(entityId, JournalBytes.read(system, Ledger.class, bytes));
          }
          return Behaviors.same();
        });
  }
}
