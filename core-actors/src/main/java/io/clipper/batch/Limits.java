package io.clipper.batch;

import io.clipper.batch.BatchLimit.Reason;

/** The smallest of a learned limit's three bounds, with its reason. */
final class Limits {
  private Limits() {}

  static BatchLimit of(int meetingTheObjective, int explored, int max) {
    if (meetingTheObjective <= explored && meetingTheObjective < max) {
      return new BatchLimit(meetingTheObjective, Reason.OBJECTIVE);
    }
    return explored < max ? new BatchLimit(explored, Reason.UNEXPLORED) : new BatchLimit(max, Reason.MAXIMUM);
  }
}
