package io.clipper.batch;

import java.util.OptionalLong;

/**
 * Whether those who were answered ask again at once, as clients in a loop do. A batch that leaves in the moment in which the one before comes
 * back leaves without them, and so do all after it: two groups take turns, and each batch has half of the rows that it could have.
 */
final class Returners {
  /** Each batch weighs so much of the one after it. */
  private static final double FORGETTING = 0.95;
  /** Who asks again later than this share of the batch's time does not make up for the wait. */
  private static final double WINDOW = 0.25;
  /** Of rows that come evenly a fourth are there within the window: only more than twice as many are returners. */
  private static final double MANY = 0.6;
  /** Batches say nothing that had fewer rows than this in sum. */
  private static final double FEWEST_ROWS = 8;

  private double answered;
  private double cameBack;
  private long windowEnds;
  private int awaited;
  private int arrived;

  /** A batch is back; all that it had are answered. */
  void returned(int rows, long tookNanos, long nowNanos) {
    answered = answered * FORGETTING + awaited;
    cameBack = cameBack * FORGETTING + Math.min(arrived, awaited);
    awaited = rows;
    arrived = 0;
    windowEnds = nowNanos + (long) (WINDOW * tookNanos);
  }

  void arrived(long nowNanos) {
    if (nowNanos - windowEnds <= 0) {
      arrived++;
    }
  }

  /** Until when a batch is held for those who are still to come back; empty where nobody is. */
  OptionalLong until(long nowNanos) {
    boolean many = answered >= FEWEST_ROWS && cameBack >= MANY * answered;
    boolean here = arrived >= Math.round(cameBack / Math.max(1, answered) * awaited);
    return many && !here && windowEnds - nowNanos > 0 ? OptionalLong.of(windowEnds) : OptionalLong.empty();
  }
}
