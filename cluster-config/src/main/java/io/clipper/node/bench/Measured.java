package io.clipper.node.bench;

import org.HdrHistogram.Histogram;

/**
 * What a load gave, after the warm-up.
 *
 * @param nanos of the answers, defaults among them
 * @param defaults answers that were the application's default
 * @param refused answers with an error status
 * @param seconds that were measured
 */
public record Measured(Histogram nanos, long defaults, long refused, double seconds) {
  public long answers() {
    return nanos.getTotalCount();
  }

  public double rate() {
    return answers() / seconds;
  }

  public double millis(double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1e6;
  }

  public double maxMillis() {
    return nanos.getMaxValue() / 1e6;
  }
}
