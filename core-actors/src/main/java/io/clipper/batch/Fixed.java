package io.clipper.batch;

import java.time.Duration;

/** As many rows as the version or the setting asks for, whatever they take; sent at once, full or not. */
public record Fixed(int rows) implements BatchController {
  public Fixed {
    if (rows < 1) {
      throw new IllegalArgumentException("batch size %d is below 1".formatted(rows));
    }
  }

  @Override
  public Decision decide(long nowNanos, Waiting waiting) {
    return new Decision.Go(Math.min(rows, waiting.rows()));
  }

  @Override
  public Fixed after(int batchRows, Duration latency) {
    return this;
  }

  @Override
  public Fixed aimingAt(Duration objective) {
    return this;
  }

  @Override
  public BatchLimit limit(LatencyModel latency) {
    return new BatchLimit(rows, BatchLimit.Reason.FIXED);
  }
}
