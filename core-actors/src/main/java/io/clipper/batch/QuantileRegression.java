package io.clipper.batch;

import java.time.Duration;

/**
 * The largest batch whose 99th percentile of latency meets the objective (Clipper, NSDI 2017, 4.3.1). Sends at once.
 *
 * @param mean the line of the mean, ℓ(b) = β + αb: the scale in which the percentile's is sought
 * @param fixedExcess how far the percentile's intercept is above β, in shares of it
 * @param rowExcess how far the percentile's slope is above α, in shares of it
 */
public record QuantileRegression(LatencyModel mean, double fixedExcess, double rowExcess, int max, Duration objective)
    implements BatchController {
  /*
   * The percentile is a line of its own, q(b) = β(1 + u) + α(1 + v)b, by the gradient of the pinball loss (Koenker and Bassett, Econometrica
   * 1978): a batch that took y moves u and v by .99 of a step where y > q(b), and by −.01 of one where not, each in proportion to its part
   * of ℓ(b). Measured in shares of the mean's line the steps need no scale, and a model that becomes slower takes its percentile along.
   */
  private static final double QUANTILE = 0.99;
  /** Of the gradient, in mean distances from the mean's line. */
  private static final double STEP = 0.4;
  /** Of ℓ; a model without any noise still has a clock's. */
  private static final double LEAST_DEVIATION = 0.01;

  private static final double FIRST_EXCESS = 0.1;
  private static final double LARGEST_EXCESS = 2;

  /** Starts with single rows. */
  public static QuantileRegression upTo(int max, Duration objective) {
    return new QuantileRegression(LatencyModel.UNKNOWN, FIRST_EXCESS, FIRST_EXCESS, max, objective);
  }

  @Override
  public Decision decide(long nowNanos, Waiting waiting) {
    return new Decision.Go(Math.min(limit(waiting.latency()).rows(), waiting.rows()));
  }

  @Override
  public QuantileRegression after(int rows, Duration latency) {
    LatencyModel after = mean.after(rows, latency);
    double fixed = mean.base();
    double byRows = mean.nanosPerRow() * rows;
    double line = fixed + byRows;
    if (line <= 0 || mean.isNew()) {
      return new QuantileRegression(after, fixedExcess, rowExcess, max, objective);
    }
    double percentile = fixed * (1 + fixedExcess) + byRows * (1 + rowExcess);
    double step = STEP * Math.max(mean.deviationNanos() / line, LEAST_DEVIATION) * (latency.toNanos() > percentile ? QUANTILE : QUANTILE - 1);
    return new QuantileRegression(after, moved(fixedExcess, step * fixed / line), moved(rowExcess, step * byRows / line), max, objective);
  }

  @Override
  public QuantileRegression aimingAt(Duration newObjective) {
    return new QuantileRegression(mean, fixedExcess, rowExcess, max, newObjective);
  }

  @Override
  public BatchLimit limit(LatencyModel latency) {
    if (!mean.isKnown()) {
      return new BatchLimit(1, BatchLimit.Reason.UNEXPLORED);
    }
    double left = objective.toNanos() - mean.base() * (1 + fixedExcess);
    double rowNanos = Math.max(Double.MIN_NORMAL, mean.nanosPerRow() * (1 + rowExcess));
    int meeting = (int) Math.clamp(Math.floor(left / rowNanos), 1, Integer.MAX_VALUE);
    return Limits.of(meeting, mean, objective.toNanos(), max);
  }

  private static double moved(double excess, double by) {
    return Math.clamp(excess + by, 0, LARGEST_EXCESS);
  }
}
