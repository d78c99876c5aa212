package io.clipper.replica;

import java.time.Duration;

/**
 * How long a batch takes by its rows: ℓ(b) = β + α·b, by least squares in which each batch weighs .98 of the one after it. The fields are
 * the weighted sums.
 */
public record LatencyFit(double weight, double rows, double rowsSquared, double nanos, double rowsTimesNanos) {
  /** Before the first batch everything is expected to take no time. */
  public static final LatencyFit UNKNOWN = new LatencyFit(0, 0, 0, 0, 0);

  private static final double FORGETTING = 0.98;
  /** Below this spread of sizes the slope is noise. */
  private static final double SPREAD = 0.01;

  public LatencyFit after(int batchRows, Duration latency) {
    double took = latency.toNanos();
    return new LatencyFit(
        weight * FORGETTING + 1,
        rows * FORGETTING + batchRows,
        rowsSquared * FORGETTING + (double) batchRows * batchRows,
        nanos * FORGETTING + took,
        rowsTimesNanos * FORGETTING + batchRows * took);
  }

  /** Never below 0. Where all batches had one size, in proportion to the rows: what is refused must be what surely cannot be met. */
  public Duration expected(int batchRows) {
    if (weight == 0) {
      return Duration.ZERO;
    }
    double meanRows = rows / weight;
    double meanNanos = nanos / weight;
    double variance = rowsSquared / weight - meanRows * meanRows;
    double slope = variance < SPREAD ? meanNanos / meanRows : (rowsTimesNanos / weight - meanRows * meanNanos) / variance;
    double boundedSlope = Math.clamp(slope, 0, meanNanos / meanRows);
    return Duration.ofNanos(Math.max(0, Math.round(meanNanos + boundedSlope * (batchRows - meanRows))));
  }
}
