package io.clipper.replica;

import java.time.Duration;

/** Grows by one while full batches meet the objective, shrinks by a tenth when one misses it (Clipper, NSDI 2017, 4.3.1). */
public record AimdBatchSize(int value, int max, Duration objective) implements BatchSize {
  private static final double BACKOFF = 0.9;

  public AimdBatchSize {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException("batch size %d is outside 1..%d".formatted(value, max));
    }
  }

  @Override
  public AimdBatchSize after(int rows, Duration latency) {
    if (latency.compareTo(objective) > 0) {
      return resized((int) (value * BACKOFF));
    }
    return rows < value ? this : resized(value + 1); // a batch that was not full proves nothing
  }

  @Override
  public AimdBatchSize aimingAt(Duration newObjective) {
    return new AimdBatchSize(value, max, newObjective);
  }

  private AimdBatchSize resized(int next) {
    return new AimdBatchSize(Math.clamp(next, 1, max), max, objective);
  }
}
