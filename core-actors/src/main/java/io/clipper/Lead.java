package io.clipper;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much earlier than its deadline something has to be ready, so that it is by then where it is waited for: as long as it is on its way,
 * which is measured each time, or some of them.
 *
 * <p>Any thread may call it. Of two that measure at once one may count for nothing.
 */
public final class Lead {
  /** A sample moves the estimate by a sixteenth at most: upwards within some fifty of them, downwards within some hundreds or thousands. */
  private static final long STEPS = 16;
  private static final long LEAST_STEP_NANOS = 1_000;
  /** What is to be made ready has the rest of the time that there is. */
  private static final int SHARE_OF_A_BUDGET = 5;

  private final long leastNanos;
  private final int times;
  private final double share;
  private final AtomicLong usual = new AtomicLong();

  /**
   * @param least whatever was measured
   * @param times how many of what is measured are on the way
   * @param share so much of all that was measured took less than what is counted on
   */
  public Lead(Duration least, int times, double share) {
    this.leastNanos = least.toNanos();
    this.times = times;
    this.share = share;
  }

  /** For what goes to another node and comes back, by how long that takes. */
  public static Lead ofWayThereAndBack() {
    return new Lead(Duration.ZERO, 1, 0.98);
  }

  /** One of those that are on the way took so long. */
  public void took(long nanos) {
    long known = usual.getPlain();
    long step = known / STEPS + LEAST_STEP_NANOS;
    long moved = nanos > known ? known + (long) (share * step) : known - (long) ((1 - share) * step);
    usual.setPlain(Math.max(0, moved));
  }

  /** When that is ready at the latest which is waited for until the deadline: never more than a fifth of the time earlier. */
  public long before(long deadlineNanos, long nowNanos) {
    return deadlineNanos - Math.clamp((deadlineNanos - nowNanos) / SHARE_OF_A_BUDGET, 0, nanos());
  }

  /** In nanoseconds, of what has time enough. */
  public long nanos() {
    return Math.max(leastNanos, times * usual.getPlain());
  }
}
