package io.clipper.application;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;

/**
 * The way to the loops. One that serves on this node is told directly, which spares a query the two actors by which sharding finds an
 * entity; all others are found by sharding, and one that does not answer has a stand-in here.
 */
final class LoopDirectory {
  private final ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding;
  private final ConcurrentHashMap<String, ActorRef<ApplicationActor.Command>> here;
  private final ConcurrentHashMap<String, LoopHealth> elsewhere = new ConcurrentHashMap<>();
  private final StandIns standIns;
  private final BooleanSupplier stateInReach;

  /** @param stateInReach whether a node that may have loops is in reach */
  LoopDirectory(
      ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding,
      ConcurrentHashMap<String, ActorRef<ApplicationActor.Command>> here,
      StandIns standIns,
      BooleanSupplier stateInReach) {
    this.sharding = sharding;
    this.here = here;
    this.standIns = standIns;
    this.stateInReach = stateInReach;
  }

  /** Whether anybody can answer for that loop. */
  boolean isReachable(String entityId) {
    return here.containsKey(entityId) || stateInReach.getAsBoolean();
  }

  void predict(String entityId, Function<ApplicationActor.ReplyTo, ApplicationActor.Predict> query, ReplyDesk.Slip slip) {
    ActorRef<ApplicationActor.Command> loop = here.get(entityId);
    if (loop != null) {
      loop.tell(query.apply(slip.here(loop::tell)));
      return;
    }
    LoopHealth health = elsewhere.computeIfAbsent(entityId, id -> new LoopHealth());
    if (health.mayAsk(System.nanoTime())) {
      sharding.tell(
          new ShardingEnvelope<>(entityId, query.apply(slip.there(withdraw -> sharding.tell(new ShardingEnvelope<>(entityId, withdraw)), health))));
    } else {
      ActorRef<ApplicationActor.Command> standIn = standIns.of(entityId);
      standIn.tell(query.apply(slip.here(standIn::tell)));
    }
  }

  /** Through sharding, which keeps the message while the loop moves. */
  ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding() {
    return sharding;
  }
}
