package io.clipper.application;

import io.clipper.Refused;
import io.clipper.ReplyTo;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * Where the loops' answers reach those who wait for them. Each query has a time by which it is answered whatever happened to its loop. A
 * loop in this JVM completes the answer itself; the replies of others come to a few actors, which find by number who waits.
 */
final class ReplyDesk {
  private static final int CLERKS = Integer.highestOneBit(Math.max(2, Runtime.getRuntime().availableProcessors() * 2));

  private final ConcurrentHashMap<Long, Slip> elsewhere = new ConcurrentHashMap<>();
  private final AtomicLong correlations = new AtomicLong();
  private final DeadlineClock deadlines;
  private final LongSupplier nanoClock;
  private final List<ReplyTo<ApplicationActor.Reply>> there;

  /** @param nanoClock the one of those deadlines */
  ReplyDesk(ActorSystem<?> system, DeadlineClock deadlines, LongSupplier nanoClock) {
    this.deadlines = deadlines;
    this.nanoClock = nanoClock;
    List<ReplyTo<ApplicationActor.Reply>> clerks = new ArrayList<>(CLERKS);
    for (int i = 0; i < CLERKS; i++) {
      clerks.add(new ReplyTo.There<>(system.systemActorOf(clerk(), "clipper-replies-" + i, Props.empty())));
    }
    this.there = List.copyOf(clerks);
  }

  /** One query that waits, and the two ways to answer it. The first answer counts; whoever cancels it wants none. */
  final class Slip {
    private final long correlation = correlations.incrementAndGet();
    private final Answer answer = new Answer(this);
    private final DeadlineClock.Deadline deadline;
    /** How its loop is told that it is not wanted: set before anybody has the answer to cancel. */
    private Consumer<ApplicationActor.Withdraw> loop = withdraw -> {};

    private @Nullable ReplyTo<ApplicationActor.Reply> asker;
    private @Nullable LoopHealth health;
    private long sentNanos;

    private Slip(long answerByNanos, Supplier<Prediction> byDefault) {
      this.deadline = deadlines.at(answerByNanos, () -> late(byDefault));
    }

    long correlation() {
      return correlation;
    }

    /** For a loop in this JVM. */
    ReplyTo<ApplicationActor.Reply> here(Consumer<ApplicationActor.Withdraw> withdrawFrom) {
      ReplyTo<ApplicationActor.Reply> here = new ReplyTo.Here<>(this::answered);
      loop = withdrawFrom;
      asker = here;
      return here;
    }

    /** For a loop on whatever node. */
    ReplyTo<ApplicationActor.Reply> there(Consumer<ApplicationActor.Withdraw> withdrawFrom, LoopHealth ofLoop) {
      loop = withdrawFrom;
      health = ofLoop;
      sentNanos = nanoClock.getAsLong();
      asker = ReplyDesk.this.there.get((int) (correlation & (CLERKS - 1)));
      elsewhere.put(correlation, this);
      if (answer.isDone()) {
        elsewhere.remove(correlation); // its time passed before it was in the table
      }
      return asker;
    }

    CompletionStage<Prediction> answer() {
      return answer;
    }

    private void withdrawn() {
      deadline.cancel();
      elsewhere.remove(correlation);
      if (asker != null) {
        loop.accept(new ApplicationActor.Withdraw(correlation, asker));
      }
    }

    private void late(Supplier<Prediction> byDefault) {
      LoopHealth ofLoop = health;
      if (answer.complete(byDefault.get()) && ofLoop != null) {
        ofLoop.silent(nanoClock.getAsLong());
      }
      elsewhere.remove(correlation);
    }

    private void answered(ApplicationActor.Reply reply) {
      deadline.cancel();
      switch (reply) {
        case ApplicationActor.Predicted predicted -> {
          heard(predicted.heldNanos());
          answer.complete(predicted.prediction());
        }
        case ApplicationActor.NotServed not -> {
          heard(OptionalLong.empty());
          answer.completeExceptionally(new Refused(not.reason(), not.message()));
        }
      }
    }

    private void heard(OptionalLong heldNanos) {
      LoopHealth ofLoop = health;
      if (ofLoop != null) {
        ofLoop.answered(nanoClock.getAsLong() - sentNanos, heldNanos);
      }
    }
  }

  /** A prediction that may be cancelled while it is computed. */
  private static final class Answer extends CompletableFuture<Prediction> {
    private final Slip slip;

    private Answer(Slip slip) {
      this.slip = slip;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean awaited = !isDone();
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      if (awaited && cancelled) {
        slip.withdrawn();
      }
      return cancelled;
    }

    /** What follows is a stage of its own: to cancel it withdraws nothing. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new CompletableFuture<>();
    }
  }

  /** @param byDefault the answer if no other has come by then */
  Slip open(long answerByNanos, Supplier<Prediction> byDefault) {
    return new Slip(answerByNanos, byDefault);
  }

  private Behavior<ApplicationActor.Reply> clerk() {
    return Behaviors.receiveMessage(
        reply -> {
          Slip slip = elsewhere.remove(reply.correlation());
          if (slip != null) {
            slip.answered(reply);
          }
          return Behaviors.same();
        });
  }
}
