package io.clipper.application;

import io.clipper.Lead;
import java.time.Duration;

/**
 * How long before its deadline a query is answered with what has come, so that the answer is with its client by then. An answer is handed
 * from thread to thread after it was said, as the query was before its deadline began to count; how long that takes depends on how busy
 * the node is, and is measured.
 */
public final class AnswerLead {
  /** On the way that no deadline sees: from the network to the query's reader, and from its writer to the network and the client. */
  private static final int HAND_OVERS = 4;
  /** Of all hand-overs so many are faster than what is counted on. */
  private static final double SHARE = 0.95;

  private final Lead lead;

  /** @param least on an idle node */
  public AnswerLead(Duration least) {
    this.lead = new Lead(least, HAND_OVERS, SHARE);
  }

  /** One thread had something for another, which took so long to take it up. */
  public void handedOver(long tookNanos) {
    lead.took(tookNanos);
  }

  /** When a query with that deadline is answered at the latest. */
  long answerBy(long deadlineNanos, long nowNanos) {
    return lead.before(deadlineNanos, nowNanos);
  }

  /** In nanoseconds, for a query that has time enough. */
  public long nanos() {
    return lead.nanos();
  }
}
