package io.clipper.application;

import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.BulletinActor.News;
import io.clipper.catalog.CatalogChanged;
import io.clipper.membership.Peer;
import io.clipper.storage.JournalBytes;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;

/** One node's stand-ins for the loops of other nodes, each made when it is first needed; and its ear for what those tell of their ledgers. */
final class StandIns {
  private final ActorSystem<?> system;
  private final ServingParts parts;
  /** Makes names differ where an application comes back while its old stand-in still ends. */
  private final AtomicLong made = new AtomicLong();

  private final ConcurrentHashMap<String, ActorRef<ApplicationActor.Command>> standIns = new ConcurrentHashMap<>();

  StandIns(ActorSystem<?> system, ServingParts parts) {
    this.system = system;
    this.parts = parts;
  }

  /** Hears of every application's ledgers; subscribes to the catalog with what comes back. */
  ActorRef<CatalogChanged> listen(ActorRef<BulletinActor.Command> bulletin) {
    return system.systemActorOf(Behaviors.setup(context -> following(context, bulletin, new HashMap<>())), "clipper-heard-ledgers", Props.empty());
  }

  ActorRef<ApplicationActor.Command> of(String entityId) {
    return standIns.computeIfAbsent(
        entityId,
        id ->
            system.systemActorOf(
                StandInActor.create(parts, Partitions.applicationOf(id), () -> parts.heard().of(id)),
                "stand-in-%s-%d".formatted(URLEncoder.encode(id, StandardCharsets.UTF_8), made.incrementAndGet()),
                Props.empty()));
  }

  private Behavior<CatalogChanged> following(
      ActorContext<CatalogChanged> context, ActorRef<BulletinActor.Command> bulletin, Map<String, ActorRef<News>> listeners) {
    return Behaviors.receiveMessage(
        changed -> {
          Set<String> wanted =
              changed.catalog().applications().values().stream()
                  .flatMap(application -> Partitions.entityIds(application).stream())
                  .collect(Collectors.toSet());
          for (String entityId : wanted) {
            listeners.computeIfAbsent(
                entityId,
                id -> {
                  ActorRef<News> listener = context.spawnAnonymous(hearing(id));
                  bulletin.tell(new BulletinActor.Listen(Learned.topic(id), listener));
                  return listener;
                });
          }
          listeners.keySet().stream().filter(id -> !wanted.contains(id)).toList().forEach(id -> context.stop(Objects.requireNonNull(listeners.remove(id))));
          forgetAllBut(wanted);
          return Behaviors.same();
        });
  }

  private void forgetAllBut(Set<String> wanted) {
    parts.heard().forgetAllBut(wanted);
    standIns
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !wanted.contains(entry.getKey());
              if (gone) {
                entry.getValue().tell(new ApplicationActor.Drain());
              }
              return gone;
            });
  }

  /** What was learned is still true when the node that told it is gone: that is what it is heard for. */
  private Behavior<News> hearing(String entityId) {
    return Behaviors.setup(
        context ->
            Behaviors.receiveMessage(
                news -> {
                  Address node = news.node().path().address();
                  boolean ofThisNode = node.hasLocalScope();
                  if (!ofThisNode && news.value().isPresent() && news.value().get() instanceof Learned(ByteBuffer bytes)) {
                    hear(entityId, Peer.nameOf(node), bytes, context.getLog());
                  }
                  return Behaviors.same();
                }));
  }

  private void hear(String entityId, String node, ByteBuffer bytes, Logger log) {
    try {
      parts.heard().put(entityId, node, JournalBytes.read(system, Ledger.class, bytes));
    } catch (IOException | RuntimeException unreadable) {
      if (parts.heard().forget(entityId)) {
        log.warn("what '{}' has learned on another node cannot be read here, as of a newer version: its stand-in goes by nothing", entityId, unreadable);
      }
    }
  }
}
