package io.clipper.gateway.metrics;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** The latest 4096 latencies, as many as the original samples; written without a lock, summed up when somebody asks. */
final class LatencyWindow {
  private static final int SIZE = 4096;

  private final AtomicLongArray values = new AtomicLongArray(SIZE);
  private final AtomicLong count = new AtomicLong();

  void add(long micros) {
    values.setRelease((int) (count.getAndIncrement() & (SIZE - 1)), micros);
  }

  Summary summary() {
    int size = (int) Math.min(count.get(), SIZE);
    long[] sorted = new long[size];
    for (int i = 0; i < size; i++) {
      sorted[i] = values.getAcquire(i);
    }
    Arrays.sort(sorted);
    return Summary.of(sorted);
  }

  /** A distribution, as the original prints it. */
  record Summary(long size, long min, long max, double mean, double deviation, double p50, double p95, double p99) {
    static Summary of(long[] sorted) {
      int size = sorted.length;
      if (size == 0) {
        return new Summary(0, 0, 0, 0, 0, 0, 0, 0);
      }
      double mean = Arrays.stream(sorted).average().orElse(0);
      double variance = Arrays.stream(sorted).mapToDouble(value -> (value - mean) * (value - mean)).sum() / size;
      return new Summary(
          size, sorted[0], sorted[size - 1], mean, Math.sqrt(variance), rank(sorted, 0.5), rank(sorted, 0.95), rank(sorted, 0.99));
    }

    /** Of values that came so often each, the smallest first; a percentile is one of them. */
    static Summary of(SortedMap<Long, Long> counts) {
      long size = counts.values().stream().mapToLong(count -> count).sum();
      if (size == 0) {
        return of(new long[0]);
      }
      double mean = counts.entrySet().stream().mapToDouble(value -> (double) value.getKey() * value.getValue()).sum() / size;
      double variance = counts.entrySet().stream().mapToDouble(value -> Math.pow(value.getKey() - mean, 2) * value.getValue()).sum() / size;
      return new Summary(
          size, counts.firstKey(), counts.lastKey(), mean, Math.sqrt(variance), rank(counts, 0.5 * size), rank(counts, 0.95 * size), rank(counts, 0.99 * size));
    }

    private static double rank(SortedMap<Long, Long> counts, double rank) {
      long below = 0;
      for (Map.Entry<Long, Long> value : counts.entrySet()) {
        below += value.getValue();
        if (below >= rank) {
          return value.getKey();
        }
      }
      return counts.lastKey();
    }

    /** The value of rank p·(n + 1), between its two neighbours where that is not whole. */
    private static double rank(long[] sorted, double p) {
      double rank = p * (sorted.length + 1);
      int below = (int) rank;
      if (below < 1) {
        return sorted[0];
      }
      if (below >= sorted.length) {
        return sorted[sorted.length - 1];
      }
      return sorted[below - 1] + (rank - below) * (sorted[below] - sorted[below - 1]);
    }
  }
}
