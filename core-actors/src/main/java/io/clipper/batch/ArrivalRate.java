package io.clipper.batch;

/**
 * How fast rows come to one replica: the mean gap between them, each weighing .98 of the one after it; and whether holding a batch back
 * brings the rows that this mean promises. Those who ask again only when they are answered send nothing while a batch is held for them.
 */
public final class ArrivalRate {
  private static final double NEWEST = 0.02;
  /** A longer pause says no more about the next row than this one. */
  private static final double LONGEST_GAP_NANOS = 1e9;

  /** Each hold weighs so much of the one after it. */
  private static final double HOLD_FORGETTING = 0.9;
  /** Holds that promised fewer rows than this in sum prove nothing. */
  private static final double FEWEST_EXPECTED = 2;
  /** Below this share of the rows that were promised, holding is in vain. */
  private static final double WORTH_HOLDING = 0.4;
  /** After so many batches that were not held one may be again: the load may have changed. Fewer than one in a hundred pay for it. */
  private static final int BATCHES_UNTIL_TRIED_AGAIN = 200;

  private double meanGapNanos;
  private long newestNanos;
  private long arrivals;
  private double promised;
  private double came;
  private int batchesNotHeld;

  public void arrived(long nowNanos) {
    if (arrivals > 0) {
      double gap = Math.clamp((double) (nowNanos - newestNanos), 0, LONGEST_GAP_NANOS);
      // A plain mean until there are enough for the weighted one.
      meanGapNanos += Math.max(NEWEST, 1.0 / arrivals) * (gap - meanGapNanos);
    }
    arrivals++;
    newestNanos = nowNanos;
  }

  /** A batch that was held back has left. */
  void held(long nanos, int rowsThatCame) {
    promised = promised * HOLD_FORGETTING + nanos / Math.max(1, meanGapNanos);
    came = came * HOLD_FORGETTING + rowsThatCame;
    batchesNotHeld = 0;
  }

  /** A batch left at once. */
  void notHeld() {
    batchesNotHeld++;
    if (batchesNotHeld >= BATCHES_UNTIL_TRIED_AGAIN) {
      promised = 0;
      came = 0;
      batchesNotHeld = 0;
    }
  }

  boolean isWorthHolding() {
    return promised < FEWEST_EXPECTED || came >= WORTH_HOLDING * promised;
  }

  public double meanGapNanos() {
    return meanGapNanos;
  }

  public double rowsPerNano() {
    return arrivals < 2 ? 0 : 1 / Math.max(1, meanGapNanos);
  }

  long newestNanos() {
    return newestNanos;
  }
}
