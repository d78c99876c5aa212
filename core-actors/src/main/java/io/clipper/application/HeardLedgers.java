package io.clipper.application;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What this node last heard of each loop's ledger, from the loops of this node too. The loops of one application that are here are told what
 * the others of it tell. Any thread may tell and look.
 */
final class HeardLedgers {
  /** @param node where the loop ran that told it */
  record Heard(String node, Ledger ledger) {}

  private static final Ledger NOTHING = Ledger.start();

  private final ConcurrentHashMap<String, Heard> heard = new ConcurrentHashMap<>();
  private final LoopsHere loops;

  HeardLedgers(LoopsHere loops) {
    this.loops = loops;
  }

  /** The node that a partition has left may tell of it when the one that has it told already: the later is what counts. */
  @SuppressWarnings("ReferenceEquality") // whether it is this one that was taken
  void put(String entityId, String node, Ledger ledger) {
    Heard latest = heard.compute(entityId, (id, before) -> before != null && before.ledger().contains(ledger) ? before : new Heard(node, ledger));
    if (latest.ledger() == ledger) {
      tell(entityId, latest);
    }
  }

  /** What was heard of it is not known any more: it cannot be read. */
  boolean forget(String entityId) {
    return heard.remove(entityId) != null;
  }

  void forgetAllBut(Set<String> entityIds) {
    heard.keySet().retainAll(entityIds);
  }

  /** Nothing learned where nothing was heard. The same object until it is told again. */
  Ledger of(String entityId) {
    return Optional.ofNullable(heard.get(entityId)).map(Heard::ledger).orElse(NOTHING);
  }

  /** What is known of an application's partitions. */
  void each(String application, BiConsumer<Integer, Heard> each) {
    for (Map.Entry<String, Heard> one : heard.entrySet()) {
      if (Partitions.applicationOf(one.getKey()).equals(application)) {
        each.accept(Partitions.partitionOf(one.getKey()), one.getValue());
      }
    }
  }

  private void tell(String entityId, Heard latest) {
    int partition = Partitions.partitionOf(entityId);
    if (!Partitions.isSpread(partition)) {
      return;
    }
    for (String other : loops.entityIds(Partitions.applicationOf(entityId))) {
      ActorRef<ApplicationActor.Command> loop = loops.get(other);
      if (loop != null && !other.equals(entityId)) {
        loop.tell(new ApplicationActor.OtherTold(partition, latest));
      }
    }
  }
}
