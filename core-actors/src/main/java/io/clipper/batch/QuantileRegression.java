package io.clipper.batch;

import java.time.Duration;

/**
 * The largest batch whose 99th percentile of latency meets the objective (Clipper, NSDI 2017, 4.3.1), that percentile as a line over the
 * rows: the line of the mean, and by pinball gradient how far above it one batch in a hundred is, in shares of it. Sends at once.
 */
public record QuantileRegression(LatencyModel percentile, int max, Duration objective) implements BatchController {
  private static final double QUANTILE = 0.99;
  /** How far beyond the largest batch seen the line is trusted. */
  private static final int GROWTH = 2;

  /** Starts with single rows. */
  public static QuantileRegression upTo(int max, Duration objective) {
    return new QuantileRegression(LatencyModel.unknown(QUANTILE), max, objective);
  }

  @Override
  public Decision decide(long nowNanos, Waiting waiting) {
    return new Decision.Go(Math.min(limit(waiting.latency()).rows(), waiting.rows()));
  }

  @Override
  public QuantileRegression after(int rows, Duration latency) {
    return new QuantileRegression(percentile.after(rows, latency), max, objective);
  }

  @Override
  public QuantileRegression aimingAt(Duration newObjective) {
    return new QuantileRegression(percentile, max, newObjective);
  }

  @Override
  public BatchLimit limit(LatencyModel latency) {
    if (!percentile.isKnown()) {
      return new BatchLimit(1, BatchLimit.Reason.UNEXPLORED);
    }
    return Limits.of(percentile.rowsSurelyWithin(objective.toNanos()), GROWTH * percentile.largestRows(), max);
  }
}
