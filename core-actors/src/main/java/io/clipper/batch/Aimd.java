package io.clipper.batch;

import java.time.Duration;

/**
 * Grows by a fixed step while full batches meet the objective, shrinks by a tenth when one misses it (Clipper, NSDI 2017, 4.3.1). Sends at once.
 *
 * @param size the most rows of the next batch; what is left of a tenth counts on
 * @param missed whether a batch has missed the objective
 */
public record Aimd(double size, boolean missed, int max, Duration objective) implements BatchController {
  private static final double BACKOFF = 0.9;
  /** The paper leaves it open. By single rows a start lasts so long that the queue of its time is felt for seconds. */
  private static final int STEP = 4;

  public Aimd {
    if (size < 1 || size > max) {
      throw new IllegalArgumentException("batch size %d is outside 1..%d".formatted((int) size, max));
    }
  }

  /** Starts with single rows. */
  public static Aimd upTo(int max, Duration objective) {
    return new Aimd(1, false, max, objective);
  }

  int rows() {
    return (int) size;
  }

  @Override
  public Decision decide(long nowNanos, Waiting waiting) {
    return new Decision.Go(Math.min(rows(), waiting.rows()));
  }

  @Override
  public Aimd after(int batchRows, Duration latency) {
    if (latency.compareTo(objective) > 0) {
      return new Aimd(Math.max(1, size * BACKOFF), true, max, objective);
    }
    return batchRows < rows() ? this : new Aimd(Math.min(size + STEP, max), missed, max, objective); // a batch that was not full proves nothing
  }

  @Override
  public Aimd aimingAt(Duration newObjective) {
    return new Aimd(size, missed, max, newObjective);
  }

  @Override
  public BatchLimit limit(LatencyModel latency) {
    BatchLimit.Reason reason =
        size == max ? BatchLimit.Reason.MAXIMUM : missed ? BatchLimit.Reason.OBJECTIVE : BatchLimit.Reason.UNEXPLORED;
    return new BatchLimit(rows(), reason);
  }
}
