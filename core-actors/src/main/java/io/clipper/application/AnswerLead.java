package io.clipper.application;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long before its deadline a query is answered with what has come, so that the answer is with its client by then. An answer is handed
 * from thread to thread after it was said, as the query was before its deadline began to count; how long that takes depends on how busy
 * the node is, and is measured.
 *
 * <p>Any thread may call it. Of two that measure at once one may count for nothing.
 */
public final class AnswerLead {
  /** On the way that no deadline sees: from the network to the query's reader, and from its writer to the network and the client. */
  private static final int HAND_OVERS = 4;
  /** Of all hand-overs so many are faster than what is counted on. */
  private static final double SHARE = 0.95;
  /** A sample moves the estimate by a sixteenth at most: upwards within some fifty of them, downwards within some hundreds. */
  private static final long STEPS = 16;
  private static final long LEAST_STEP_NANOS = 1_000;
  /** Models have the rest of the time that a query has. */
  private static final int SHARE_OF_A_BUDGET = 5;

  private final long leastNanos;
  private final AtomicLong handOver = new AtomicLong();

  /** @param least on an idle node */
  public AnswerLead(Duration least) {
    this.leastNanos = least.toNanos();
  }

  /** One thread had something for another, which took so long to take it up. */
  public void handedOver(long tookNanos) {
    long known = handOver.getPlain();
    long step = known / STEPS + LEAST_STEP_NANOS;
    long moved = tookNanos > known ? known + (long) (SHARE * step) : known - (long) ((1 - SHARE) * step);
    handOver.setPlain(Math.max(0, moved));
  }

  /** When a query with that deadline is answered at the latest. */
  long answerBy(long deadlineNanos, long nowNanos) {
    return deadlineNanos - Math.clamp((deadlineNanos - nowNanos) / SHARE_OF_A_BUDGET, 0, nanos());
  }

  /** In nanoseconds, for a query that has time enough. */
  public long nanos() {
    return Math.max(leastNanos, HAND_OVERS * handOver.getPlain());
  }
}
