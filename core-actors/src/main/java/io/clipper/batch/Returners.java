package io.clipper.batch;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * How long those who were answered take to ask again, and whether the next batch waits for them. A batch that leaves in the moment in which
 * the one before comes back leaves without them, and so do all after it: two groups take turns, and each batch has half of the rows that it
 * could have.
 *
 * <p>Two groups of q and r rows cost ℓ(q) + ℓ(r) a round, one of both ℓ(q + r), which is β less, but it also waits until the last of them is
 * back. So it pays to wait for all of them while that time is shorter than β, and never for some of them.
 */
final class Returners {
  /** Of β. Rows of an open loop, which fill a batch while the one before runs, take longer than β to be as many again. */
  private static final double WORTH = 0.75;
  /** One or two may have gone. */
  private static final double NEARLY_ALL = 0.9;
  /** Of a batch's time, while batches of one size do not tell what the call costs from what a row does. */
  private static final double SUPPOSED_BASE = 0.33;

  /** How long so many rows take to be back, nearly all. */
  private LatencyModel back = LatencyModel.UNKNOWN;
  private long answeredNanos;
  private int awaited;
  private int arrived;
  private boolean isTold = true;
  private long worthNanos;

  /**
   * A batch is back; all that it had are answered.
   *
   * @param latency what batches take
   */
  void returned(int rows, LatencyModel latency, long nowNanos) {
    if (!isTold) {
      tell(nowNanos); // they take as long at least
    }
    answeredNanos = nowNanos;
    awaited = rows;
    arrived = 0;
    isTold = false;
    worthNanos = (long) (WORTH * (latency.isOfBatchesLike(rows) ? SUPPOSED_BASE * latency.expectedNanos(rows) : latency.base()));
  }

  void arrived(long nowNanos) {
    arrived++;
    if (!isTold && arrived >= NEARLY_ALL * awaited) {
      tell(nowNanos);
    }
  }

  private void tell(long nowNanos) {
    back = back.after(awaited, Duration.ofNanos(Math.max(1, nowNanos - answeredNanos)));
    isTold = true;
  }

  /**
   * Until when a batch is held for those who are still to come back; empty where nobody is.
   *
   * @param waiting rows, which from then on would be in one batch with them
   */
  OptionalLong until(int waiting, long nowNanos) {
    boolean pays = back.isFamiliar() && back.expectedNanos(waiting + awaited - arrived) < worthNanos;
    long ends = answeredNanos + Math.min(back.withinNanos(awaited), worthNanos);
    return pays && arrived < awaited && ends - nowNanos > 0 ? OptionalLong.of(ends) : OptionalLong.empty();
  }
}
