package io.clipper.application;

import io.clipper.Aside;
import io.clipper.bulletin.BulletinActor;
import io.clipper.catalog.Catalog;
import io.clipper.storage.JournalBytes;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * Tells the other nodes what this node's loops have learned, and this node too. It is written for them off the loops' threads, each loop's
 * in its order.
 */
final class Telling implements BiConsumer<String, Ledger> {
  private final ActorSystem<?> system;
  private final ActorRef<BulletinActor.Command> bulletin;
  private final HeardLedgers heard;
  private final String node;
  private final ConcurrentHashMap<String, CompletableFuture<Void>> latest = new ConcurrentHashMap<>();

  /** @param node this node's address */
  Telling(ActorSystem<?> system, ActorRef<BulletinActor.Command> bulletin, HeardLedgers heard, String node) {
    this.system = system;
    this.bulletin = bulletin;
    this.heard = heard;
    this.node = node;
  }

  @Override
  public void accept(String entityId, Ledger ledger) {
    latest.compute(
        entityId,
        (id, before) ->
            (before == null ? CompletableFuture.<Void>completedFuture(null) : before).thenRunAsync(() -> tell(entityId, ledger), Aside.THREADS));
  }

  /** What applications that are gone have learned is told no more. */
  void keepOnly(Catalog catalog) {
    Set<String> wanted =
        catalog.applications().values().stream().flatMap(application -> Partitions.entityIds(application).stream()).collect(Collectors.toSet());
    for (String gone : latest.keySet().stream().filter(entityId -> !wanted.contains(entityId)).toList()) {
      CompletableFuture<Void> last = latest.remove(gone);
      if (last != null) {
        CompletableFuture<Void> unused = last.thenRunAsync(() -> bulletin.tell(new BulletinActor.Withdraw(Learned.topic(gone))), Aside.THREADS);
      }
    }
  }

  private void tell(String entityId, Ledger ledger) {
    Ledger told = ledger.withoutHistory();
    heard.put(entityId, node, told);
    try {
      bulletin.tell(new BulletinActor.Tell(Learned.topic(entityId), new Learned(JournalBytes.write(system, told))));
    } catch (RuntimeException unwritable) {
      system.log().warn("what '{}' has learned cannot be told to other nodes", entityId, unwritable);
    }
  }
}
