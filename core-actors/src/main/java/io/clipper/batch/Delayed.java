package io.clipper.batch;

import java.time.Duration;

/** Another controller's batches, held back until they are full or their oldest row has waited for so long (Clipper, NSDI 2017, 4.3.2). */
public record Delayed(BatchController sizing, Duration longest) implements BatchController {
  public Delayed {
    if (longest.isNegative()) {
      throw new IllegalArgumentException("a batch cannot wait for %s".formatted(longest));
    }
  }

  @Override
  public Decision decide(long nowNanos, Waiting waiting) {
    long until = waiting.oldestArrivalNanos() + longest.toNanos();
    boolean isFull = waiting.rows() >= sizing.limit(waiting.latency()).rows();
    return isFull || until - nowNanos <= 0 ? sizing.decide(nowNanos, waiting) : new Decision.WaitUntil(until);
  }

  @Override
  public Delayed after(int rows, Duration latency) {
    return new Delayed(sizing.after(rows, latency), longest);
  }

  @Override
  public Delayed aimingAt(Duration objective) {
    return new Delayed(sizing.aimingAt(objective), longest);
  }

  @Override
  public BatchLimit limit(LatencyModel latency) {
    return sizing.limit(latency);
  }
}
