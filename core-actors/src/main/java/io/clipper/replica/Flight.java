package io.clipper.replica;

import io.clipper.Lead;
import io.clipper.ReplyTo;
import io.clipper.model.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;

/** One input on its way to a model version, for however many wait for it. */
final class Flight {
  /** Who waits, and how long it has. */
  record Waiter(long deadlineNanos, long correlation, ReplyTo<ReplicaRouterActor.Reply> replyTo) {}

  /** A replica as its router knows it. */
  record Replica(ActorRef<ModelReplicaActor.Command> ref, boolean local, ReplicaLoad load, Lead wayThereAndBack) implements Routing.Candidate {
    Replica(ActorRef<ModelReplicaActor.Command> ref) {
      this(ref, ref.path().address().hasLocalScope(), new ReplicaLoad(), Lead.ofWayThereAndBack());
    }

    /** What it is told, so that its answer is here by that deadline; it knows the time that is left when it hears of it, and not what was lost on the way. */
    long answerBy(long deadlineNanos, long nowNanos) {
      return local ? deadlineNanos : wayThereAndBack.before(deadlineNanos, nowNanos);
    }

    /** When its answer is here if it is asked now and answers at once. */
    long soonest(long nowNanos) {
      return local ? nowNanos : nowNanos + wayThereAndBack.nanos();
    }

    void answered(long tookNanos, OptionalLong heldNanos) {
      if (!local && heldNanos.isPresent()) {
        wayThereAndBack.took(tookNanos - heldNanos.getAsLong());
      }
    }
  }

  /**
   * One replica's turn at a flight.
   *
   * @param held the flights that the replica had then, this one included
   */
  record Leg(Flight flight, long number, Replica replica, int held, long sentAt) {}

  final Input input;
  final List<Waiter> waiters = new ArrayList<>(1);
  /** One, or two where it was copied. */
  final List<Leg> legs = new ArrayList<>(1);
  /** Who asked first: whose share of the model it is. */
  final ReplyTo<ReplicaRouterActor.Reply> owner;
  private long deadlineNanos;
  /** Of the first leg of its present try. */
  long sentAt;
  /** Whether a refusal for lateness may be answered by asking again: its deadline was moved since, or it is the first. */
  private boolean anotherChance = true;

  Flight(Input input, Waiter first) {
    this.input = input;
    this.waiters.add(first);
    this.owner = first.replyTo();
    this.deadlineNanos = first.deadlineNanos();
  }

  /** Of the last who waits. */
  long deadlineNanos() {
    return deadlineNanos;
  }

  long budgetNanos(long now) {
    return deadlineNanos - now;
  }

  /** One more waits; whether the flight has longer for it. */
  boolean follow(Waiter waiter) {
    waiters.add(waiter);
    boolean later = waiter.deadlineNanos() - deadlineNanos > 0;
    if (later) {
      deadlineNanos = waiter.deadlineNanos();
      anotherChance = true;
    }
    return later;
  }

  /** Whether it may be asked again after a replica dropped it for lateness; once for each deadline. */
  boolean takesAnotherChance() {
    boolean may = anotherChance;
    anotherChance = false;
    return may;
  }

  /** Those wait no longer; whether anybody does. */
  boolean isAwaitedWithout(Predicate<Waiter> those) {
    waiters.removeIf(those);
    return !waiters.isEmpty();
  }
}
