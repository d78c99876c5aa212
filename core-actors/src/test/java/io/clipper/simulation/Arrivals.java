package io.clipper.simulation;

import java.util.random.RandomGenerator;

/** The gaps between queries, in nanoseconds. */
interface Arrivals {
  double SECOND = 1e9;

  double nextGapNanos();

  static Arrivals uniform(double perSecond) {
    return () -> SECOND / perSecond;
  }

  static Arrivals poisson(double perSecond, RandomGenerator random) {
    return () -> -Math.log(1 - random.nextDouble()) * SECOND / perSecond;
  }

  /** Gaps of a Gamma distribution: the smaller the shape, the more they come in bursts. */
  static Arrivals gamma(double shape, double perSecond, RandomGenerator random) {
    return () -> gamma(shape, random) / shape * SECOND / perSecond;
  }

  /** So many at the same moment, and then a pause. */
  static Arrivals bursts(int size, double perSecond) {
    return new Arrivals() {
      private int left;

      @Override
      public double nextGapNanos() {
        left = left == 0 ? size - 1 : left - 1;
        return left == size - 1 ? size * SECOND / perSecond : 0;
      }
    };
  }

  /** Gaps that were recorded, over and over. */
  static Arrivals replayed(long... gapsNanos) {
    return new Arrivals() {
      private int next;

      @Override
      public double nextGapNanos() {
        return gapsNanos[next++ % gapsNanos.length];
      }
    };
  }

  /** Marsaglia and Tsang, ACM TOMS 2000; shapes below one by their power of a uniform number. */
  private static double gamma(double shape, RandomGenerator random) {
    if (shape < 1) {
      return gamma(shape + 1, random) * Math.pow(1 - random.nextDouble(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  }
}
