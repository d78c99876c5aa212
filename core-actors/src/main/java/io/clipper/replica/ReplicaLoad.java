package io.clipper.replica;

/**
 * What a router knows of one replica's speed: how many flights it holds and how long they took lately. Its {@link #cost} is about when one
 * more flight would be back.
 */
final class ReplicaLoad {
  /** Share of the newest answer in the mean. */
  private static final double NEWEST = 0.1;
  /** A mean halves in each such pause, so that a replica that was slow once is tried again. */
  private static final double HALF_LIFE_NANOS = 5e9;

  private int outstanding;
  private double meanNanos;
  /** When it last answered; or was asked, where it held nothing. */
  private long quietSince;

  int outstanding() {
    return outstanding;
  }

  void sent(long now) {
    if (outstanding == 0) {
      meanNanos = decayed(now);
      quietSince = now;
    }
    outstanding++;
  }

  /** The model answered, rightly or not. */
  void answered(long now, long tookNanos) {
    outstanding--;
    meanNanos = meanNanos == 0 ? tookNanos : meanNanos + NEWEST * (tookNanos - meanNanos);
    quietSince = now;
  }

  /** The flight left its queue unanswered: that says nothing of its speed. */
  void dropped() {
    outstanding--;
  }

  /** Nanoseconds, as far as they are known; one that holds flights and has been quiet is at least as slow as that. */
  double cost(long now) {
    double each = outstanding == 0 ? decayed(now) : Math.max(meanNanos, (double) (now - quietSince));
    return (outstanding + 1) * Math.max(each, 1);
  }

  private double decayed(long now) {
    return meanNanos * Math.pow(0.5, (double) (now - quietSince) / HALF_LIFE_NANOS);
  }
}
