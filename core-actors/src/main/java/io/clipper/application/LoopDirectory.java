package io.clipper.application;

import io.clipper.ReplyTo;
import io.clipper.catalog.Application;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;

/**
 * The way to the loops. One that serves on this node is told directly, which spares a query the two actors by which sharding finds an
 * entity; all others are found by sharding, and one that does not answer has a stand-in here. Whether it answers again is found out by a
 * message of its own, so that no query is spent on it.
 */
final class LoopDirectory {
  /** Sharding keeps a trial until the loop has a new place, which may be sooner than the next trial. */
  private static final Duration TRIAL = Duration.ofSeconds(2);

  private final ActorSystem<?> system;
  private final ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding;
  private final LoopsHere here;
  private final ConcurrentHashMap<String, LoopHealth> elsewhere = new ConcurrentHashMap<>();
  private final StandIns standIns;
  private final BooleanSupplier stateInReach;
  private final LongSupplier nanoClock;

  /** @param stateInReach whether a node that may have loops is in reach */
  LoopDirectory(
      ActorSystem<?> system,
      ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding,
      LoopsHere here,
      StandIns standIns,
      BooleanSupplier stateInReach,
      LongSupplier nanoClock) {
    this.system = system;
    this.sharding = sharding;
    this.here = here;
    this.standIns = standIns;
    this.stateInReach = stateInReach;
    this.nanoClock = nanoClock;
  }

  /**
   * The loop for a query or feedback of that context; without a context the one on this node where there is one, so that what is asked here
   * stays here, else the one that all take who ask on this node.
   */
  String entityId(Application application, Optional<String> context) {
    if (!Partitions.areSpread(application) || context.isPresent()) {
      return Partitions.entityId(application, context.orElse(""));
    }
    return here.first(application.name()).orElseGet(() -> elsewhere(application));
  }

  /** The next where that one is silent. */
  private String elsewhere(Application application) {
    int first = Partitions.numbered(system.address().hostPort());
    for (int i = 0; i < Partitions.SPREAD; i++) {
      String next = Partitions.entityId(application.name(), 1 + (first - 1 + i) % Partitions.SPREAD);
      LoopHealth health = elsewhere.get(next);
      if (health == null || health.answers()) {
        return next;
      }
    }
    return Partitions.entityId(application.name(), first);
  }

  /** Whether anybody can answer for that loop. */
  boolean isReachable(String entityId) {
    return here.get(entityId) != null || stateInReach.getAsBoolean();
  }

  void predict(String entityId, Function<ReplyTo<ApplicationActor.Reply>, ApplicationActor.Predict> query, ReplyDesk.Slip slip) {
    ActorRef<ApplicationActor.Command> loop = here.get(entityId);
    if (loop != null) {
      loop.tell(query.apply(slip.here(loop::tell)));
      return;
    }
    LoopHealth health = elsewhere.computeIfAbsent(entityId, id -> new LoopHealth());
    if (health.answers()) {
      ApplicationActor.Predict asked = query.apply(slip.there(withdraw -> sharding.tell(new ShardingEnvelope<>(entityId, withdraw)), health));
      long answerBy = health.answerBy(asked.deadlineNanos(), nanoClock.getAsLong());
      sharding.tell(new ShardingEnvelope<>(entityId, asked.withDeadline(answerBy)));
      return;
    }
    if (health.isTrialDue(nanoClock.getAsLong())) {
      tryAgain(entityId, health);
    }
    ActorRef<ApplicationActor.Command> standIn = standIns.of(entityId);
    standIn.tell(query.apply(slip.here(standIn::tell)));
  }

  private void tryAgain(String entityId, LoopHealth health) {
    AskPattern.<ShardingEnvelope<ApplicationActor.Command>, String>askWithStatus(
            sharding, replyTo -> new ShardingEnvelope<>(entityId, new ApplicationActor.Wake(replyTo)), TRIAL, system.scheduler())
        .thenAccept(serves -> health.answered());
  }

  /** Through sharding, which keeps the message while the loop moves. */
  ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding() {
    return sharding;
  }
}
