package io.clipper.replica;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Doubling pauses from a first to a longest, each up to a fifth longer by chance, so that copies that failed together retry apart. */
public record BackOff(Duration min, Duration max) {
  private static final double JITTER = 0.2;
  /** Keeps the doubling inside a long; every sensible maximum is reached long before. */
  private static final int MOST_DOUBLINGS = 20;

  public BackOff {
    if (min.isNegative() || min.isZero() || max.compareTo(min) < 0) {
      throw new IllegalArgumentException("back-off %s..%s is not a rising range above 0".formatted(min, max));
    }
  }

  /** The pause after that many failures in a row, 1 or more. */
  public Duration after(int failures, RandomGenerator random) {
    double nanos = (double) min.toNanos() * (1L << Math.min(failures - 1, MOST_DOUBLINGS));
    return spread(Math.min(nanos, (double) max.toNanos()), random);
  }

  /** The pause after many failures. */
  Duration longest(RandomGenerator random) {
    return spread((double) max.toNanos(), random);
  }

  private static Duration spread(double nanos, RandomGenerator random) {
    return Duration.ofNanos((long) (nanos * (1 + JITTER * random.nextDouble())));
  }
}
