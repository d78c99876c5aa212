package io.clipper.application;

import io.clipper.Refused;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Where the loops' answers reach those who wait for them. Each query has a time by which it is answered whatever happened to its loop. A
 * loop in this JVM completes the answer itself; the replies of others come to a few actors.
 */
final class ReplyDesk {
  private static final int CLERKS = Integer.highestOneBit(Math.max(2, Runtime.getRuntime().availableProcessors() * 2));

  private final ConcurrentHashMap<Long, CompletableFuture<Prediction>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong correlations = new AtomicLong();
  private final DeadlineClock deadlines;
  private final ApplicationActor.ReplyTo here = new ApplicationActor.Here(this::answered);
  private final ApplicationActor.ReplyTo[] there = new ApplicationActor.ReplyTo[CLERKS];

  ReplyDesk(ActorSystem<?> system, DeadlineClock deadlines) {
    this.deadlines = deadlines;
    for (int i = 0; i < CLERKS; i++) {
      there[i] = new ApplicationActor.There(system.systemActorOf(clerk(), "clipper-replies-" + i, Props.empty()));
    }
  }

  /** One query that waits, and the two ways to answer it. */
  record Slip(long correlation, ApplicationActor.ReplyTo here, ApplicationActor.ReplyTo there, CompletionStage<Prediction> answer) {}

  /** @param byDefault the answer if no other has come by then */
  Slip open(long answerByNanos, Supplier<Prediction> byDefault) {
    long correlation = correlations.incrementAndGet();
    CompletableFuture<Prediction> answer = new CompletableFuture<>();
    waiting.put(correlation, answer);
    // In the table before it is armed: an answer that is due at once finds whom to tell.
    DeadlineClock.Deadline deadline = deadlines.at(answerByNanos, () -> late(correlation, byDefault));
    CompletableFuture<?> unused = answer.whenComplete((prediction, failure) -> deadline.cancel());
    return new Slip(correlation, here, there[(int) (correlation & (CLERKS - 1))], answer);
  }

  private Behavior<ApplicationActor.Reply> clerk() {
    return Behaviors.receiveMessage(
        reply -> {
          answered(reply);
          return Behaviors.same();
        });
  }

  private void late(long correlation, Supplier<Prediction> byDefault) {
    CompletableFuture<Prediction> answer = waiting.remove(correlation);
    if (answer != null) {
      answer.complete(byDefault.get());
    }
  }

  private void answered(ApplicationActor.Reply reply) {
    CompletableFuture<Prediction> answer = waiting.remove(reply.correlation());
    if (answer != null) {
      switch (reply) {
        case ApplicationActor.Predicted predicted -> answer.complete(predicted.prediction());
        case ApplicationActor.NotServed not -> answer.completeExceptionally(new Refused(not.reason(), not.message()));
      }
    }
  }
}
