package io.clipper.gateway.oip;

/**
 * What one version has done since the node started.
 *
 * @param lastInferenceMillis since 1970; 0 where none came through this protocol
 * @param rows inferred, without those that the cache answered
 * @param executions batches
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
    Took cacheMiss) {
  /** Cumulative. */
  record Took(long count, long nanos) {
    static final Took NOTHING = new Took(0, 0);
  }
}
