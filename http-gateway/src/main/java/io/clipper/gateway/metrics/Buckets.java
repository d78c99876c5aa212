package io.clipper.gateway.metrics;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Durations of which is known how many were in each bucket, in microseconds. A percentile is taken as Prometheus takes it: evenly within
 * its bucket, and beyond the last one that one's bound.
 *
 * @param upTo how many were at most so long, by the buckets' bounds
 */
record Buckets(long size, double mean, double max, SortedMap<Double, Double> upTo) {
  static Buckets of(Collection<Timer> timers) {
    long size = 0;
    double total = 0;
    double max = 0;
    SortedMap<Double, Double> upTo = new TreeMap<>();
    for (Timer timer : timers) {
      HistogramSnapshot snapshot = timer.takeSnapshot();
      size += snapshot.count();
      total += snapshot.total(TimeUnit.MICROSECONDS);
      max = Math.max(max, snapshot.max(TimeUnit.MICROSECONDS));
      for (CountAtBucket bucket : snapshot.histogramCounts()) {
        if (Double.isFinite(bucket.bucket())) {
          upTo.merge(bucket.bucket(TimeUnit.MICROSECONDS), bucket.count(), Double::sum);
        }
      }
    }
    return new Buckets(size, size == 0 ? 0 : total / size, max, upTo);
  }

  /** @param share of the durations, 0..1 */
  double percentile(double share) {
    double rank = share * size;
    double from = 0;
    double before = 0;
    for (Map.Entry<Double, Double> bucket : upTo.entrySet()) {
      if (bucket.getValue() >= rank && bucket.getValue() > before) {
        return from + (bucket.getKey() - from) * (rank - before) / (bucket.getValue() - before);
      }
      from = bucket.getKey();
      before = bucket.getValue();
    }
    return size == 0 ? 0 : from;
  }
}
