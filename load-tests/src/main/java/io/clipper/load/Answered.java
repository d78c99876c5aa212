package io.clipper.load;

import java.time.Duration;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What became of the queries of one stretch of time, each with its latency in µs.
 *
 * @param right the models' answer
 * @param refused the default, as there was no room when it came
 * @param late the default for any other reason, lateness above all, or that it was taken and gave way to others later; on a stream an error, too
 */
record Answered(Duration time, Histogram right, Histogram refused, Histogram late) {
  /** What a default says that gave way when a batch was cut, rather than being refused when it came. */
  static final String GAVE_WAY = "it gave way to";

  /** Any thread may record. */
  static Answered within(Duration time) {
    return new Answered(time, new ConcurrentHistogram(3), new ConcurrentHistogram(3), new ConcurrentHistogram(3));
  }

  long all() {
    return right.getTotalCount() + refused.getTotalCount() + late.getTotalCount();
  }

  double rightPerSecond() {
    return right.getTotalCount() * 1e9 / time.toNanos();
  }

  /** Of those that took no longer than that. */
  double rightPerSecond(Duration most) {
    return right.getCountBetweenValues(0, most.toNanos() / 1000) * 1e9 / time.toNanos();
  }

  /** In percent. */
  double defaults() {
    return 100.0 * (all() - right.getTotalCount()) / Math.max(1, all());
  }

  double lateShare() {
    return 100.0 * late.getTotalCount() / Math.max(1, all());
  }

  /** Of what was not refused: an accepted query that ends in a default counts with the time it took. */
  double acceptedMillis(double percentile) {
    Histogram accepted = right.copy();
    accepted.add(late);
    return millis(accepted, percentile);
  }

  double acceptedMeanMillis() {
    Histogram accepted = right.copy();
    accepted.add(late);
    return accepted.getMean() / 1000;
  }

  double refusedMillis(double percentile) {
    return millis(refused, percentile);
  }

  private static double millis(Histogram latencies, double percentile) {
    return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1000.0;
  }

  @Override
  public String toString() {
    return "%,9.0f right/s  accepted p50 %6.2f  p99 %6.2f ms  refused %.1f %%  late %.2f %%"
        .formatted(rightPerSecond(), acceptedMillis(50), acceptedMillis(99), defaults() - lateShare(), lateShare());
  }
}
