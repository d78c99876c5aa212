package io.clipper.batch;

import java.time.Duration;

/**
 * Decides when a replica's next batch leaves and how many rows it has. It counts rows and only ever takes what waits. Immutable: a batch's
 * outcome gives the next value.
 */
public interface BatchController {
  /** Asked while at least one row waits and the runtime is free. */
  Decision decide(long nowNanos, Waiting waiting);

  /** After a batch of that many rows, which took that long. */
  BatchController after(int rows, Duration latency);

  /** The same with another objective for a batch's latency. */
  BatchController aimingAt(Duration objective);

  BatchLimit limit(LatencyModel latency);

  /** Whether a batch is held for all who were answered, where they are back sooner than a call costs. */
  default boolean awaitsReturners() {
    return false;
  }
}
