package io.clipper.replica;

import io.clipper.batch.LatencyModel;
import java.time.Duration;

/**
 * What a router knows of one replica: the flights it holds, and how long flights took by how many were there with them. Its {@link #cost}
 * is about how long one more would take.
 */
public final class ReplicaLoad {
  /** An estimate halves in each such pause, so that a replica that was slow once is tried again. */
  private static final double HALF_LIFE_NANOS = 5e9;
  /** A refusal says so much of the time after it at most: the queue goes by deadlines, and it may have had no room for other reasons. */
  private static final long LONGEST_FULL_NANOS = 100_000_000;

  private int outstanding;
  /** Of flights by the number of flights that the replica held with them, themselves included. */
  private LatencyModel took = LatencyModel.UNKNOWN;
  /** When it last answered; or was asked, where it held nothing. */
  private long quietSince;
  private boolean onTrial = true;
  /** By what was refused. */
  private long fullUntil;
  private boolean everFull;

  public int outstanding() {
    return outstanding;
  }

  /**
   * Whether it gets one flight at a time, until it answers one rightly: it failed or was silent, or has answered none since it is here, as one
   * that was lost and is back. Where the input is to blame and not the replica, its next answer ends it.
   */
  public boolean isOnTrial() {
    return onTrial;
  }

  /** Returns how many it holds now: to be given back with the outcome. */
  public int sent(long now) {
    if (outstanding == 0) {
      quietSince = now;
    }
    outstanding++;
    return outstanding;
  }

  public void answered(long now, int held, long tookNanos) {
    onTrial = false;
    returned(now, held, tookNanos);
  }

  public void failed(long now, int held, long tookNanos) {
    onTrial = true;
    returned(now, held, tookNanos);
  }

  /** The flight left its queue unanswered: that says nothing of its speed. */
  public void dropped() {
    outstanding--;
  }

  /** It was not let in, as its answer would come after that budget: about as long others would wait for theirs. */
  public void refused(long now, long budgetNanos) {
    dropped();
    long until = now + Math.min(budgetNanos, LONGEST_FULL_NANOS);
    if (!isFull(now) || until - fullUntil > 0) {
      fullUntil = until;
    }
    everFull = true;
  }

  /** Whether one that is asked now would be refused, as far as the refusals tell. */
  public boolean isFull(long now) {
    return everFull && fullUntil - now > 0;
  }

  /** Nothing was heard of the flight, which may never have reached it: others are risked again when it has answered one. */
  public void lost() {
    onTrial = true;
    outstanding--;
  }

  private void returned(long now, int held, long tookNanos) {
    outstanding--;
    took = took.after(held, Duration.ofNanos(Math.max(0, tookNanos)));
    quietSince = now;
  }

  /** Nanoseconds, as far as they are known; one that holds flights and has been quiet is at least as slow as that, and a full one as it said. */
  public double cost(long now) {
    double asItHolds = costOfWhatItHolds(now);
    return isFull(now) ? Math.max(asItHolds, (double) (fullUntil - now)) : asItHolds;
  }

  private double costOfWhatItHolds(long now) {
    double expected = Math.max(1, took.expectedNanos(outstanding + 1));
    long quiet = now - quietSince;
    if (outstanding == 0) {
      return expected * Math.pow(0.5, quiet / HALF_LIFE_NANOS);
    }
    // Before its first answer it is as slow as the number of flights says: so that a burst at the start spreads.
    return Math.max(expected, (double) quiet) * (took.isKnown() ? 1 : outstanding + 1);
  }
}
