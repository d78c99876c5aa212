package io.clipper.batch;

/**
 * Whether the rows come from a fixed number of askers, two or more, each of whom asks again after its answer: a closed loop in queueing's terms.
 * When a batch comes back those have long been waiting, and now ask again: before that moment was a long gap, and a short one follows. In an open
 * loop the gaps before and after are mostly alike, however uneven they are; but batches begin with arrivals, so that bursts at equal times look
 * closed where a hold and its batch take more than half of the time between them. A wrong answer costs rows that are not held for the rate.
 *
 * <p>A batch that is held longer brings rows of an open loop that would come anyway, and of a closed loop keeps from asking those who wait in
 * it.
 */
final class Population {
  /** Each batch weighs so much of the one after it. */
  private static final double FORGETTING = 0.97;
  /** Of the batches, how many more have the long gap before than after: none in the mean of an open loop. */
  private static final double CLOSED = 0.4;
  private static final double CLOSED_STILL = 0.2;
  private static final double FEWEST_BATCHES = 10;

  private double batches;
  private double longBefore;
  private long answeredNanos;
  private long beforeNanos;
  private boolean isNext;
  private boolean closed;

  /**
   * A batch is back; all that it had are answered.
   *
   * @param newestNanos when the last row came
   */
  void returned(long newestNanos, long nowNanos) {
    if (!isNext) {
      answeredNanos = nowNanos;
      beforeNanos = nowNanos - newestNanos;
      isNext = true;
    }
  }

  /** @param meanGapNanos between rows: what differs by less is alike */
  void arrived(double meanGapNanos, long nowNanos) {
    if (isNext) {
      isNext = false;
      long longer = beforeNanos - (nowNanos - answeredNanos);
      batches = batches * FORGETTING + 1;
      longBefore = longBefore * FORGETTING + (Math.abs(longer) > meanGapNanos ? Long.signum(longer) : 0);
      closed = batches >= FEWEST_BATCHES && longBefore > (closed ? CLOSED_STILL : CLOSED) * batches;
    }
  }

  boolean isClosed() {
    return closed;
  }
}
