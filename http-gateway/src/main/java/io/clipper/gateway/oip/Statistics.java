package io.clipper.gateway.oip;

import io.clipper.replica.BatchTally;
import java.util.List;

/**
 * What one version has done since the node started.
 *
 * @param lastInferenceMillis since 1970, by whichever door it came; 0 where there was none
 * @param rows inferred, without those that the cache answered
 * @param executions batches
 * @param batches by their size; none of an application, whose rows are in the batches of its models
 */
record Statistics(
    String name,
    String version,
    long lastInferenceMillis,
    long rows,
    long executions,
    Took success,
    Took fail,
    Took queue,
    Took compute,
    Took cacheHit,
    Took cacheMiss,
    List<BatchTally> batches) {
  /** Reading inputs and writing outputs takes no time of its own here; clients want it counted as often as computing. */
  Took conversion() {
    return new Took(compute.count(), 0);
  }

  /** Cumulative. */
  record Took(long count, long nanos) {
    static final Took NOTHING = new Took(0, 0);
  }
}
