package io.clipper.batch;

import io.clipper.batch.BatchLimit.Reason;

/** The smallest of a learned limit's three bounds, with its reason. */
final class Limits {
  /** How far beyond the largest batch seen the line is trusted. */
  private static final int GROWTH = 2;

  private Limits() {}

  /**
   * @param meetingTheObjective the largest batch that does, by what is known
   * @param latency what batches took
   */
  static BatchLimit of(int meetingTheObjective, LatencyModel latency, long objectiveNanos, int max) {
    int explored = GROWTH * latency.largestRows();
    boolean meets = latency.expectedNanos(meetingTheObjective) <= objectiveNanos;
    // Single rows do not tell what each costs from what a batch costs.
    boolean onlySingleRows = meets && latency.largestRows() == 1;
    if (meetingTheObjective <= explored && meetingTheObjective < max && !onlySingleRows) {
      // One row more now and then: else a limit that is too low gives only batches that say nothing of a larger one, and stays.
      boolean tried = meets && latency.isOfBatchesLike(meetingTheObjective);
      return new BatchLimit(tried ? meetingTheObjective + 1 : meetingTheObjective, Reason.OBJECTIVE);
    }
    return explored < max ? new BatchLimit(explored, Reason.UNEXPLORED) : new BatchLimit(max, Reason.MAXIMUM);
  }
}
