package io.clipper.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** The gaps between queries, in nanoseconds; the same on every machine, which {@link Math} does not promise of logarithms. */
interface Arrivals {
  double SECOND = 1e9;

  double nextGapNanos();

  static Arrivals uniform(double perSecond) {
    return () -> SECOND / perSecond;
  }

  static Arrivals poisson(double perSecond, RandomGenerator random) {
    return () -> -StrictMath.log(1 - random.nextDouble()) * SECOND / perSecond;
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

  /** These until that moment, others from then on. */
  default Arrivals until(double seconds, Arrivals others) {
    return new Arrivals() {
      private double now;

      @Override
      public double nextGapNanos() {
        double gap = now < seconds * SECOND ? Arrivals.this.nextGapNanos() : others.nextGapNanos();
        now += gap;
        return gap;
      }
    };
  }

  /** The gaps of a file among the tests' resources, in microseconds and one a line, over and over; a line with # is a remark. */
  static Arrivals replayed(String resource) {
    long[] gapsNanos = recorded(resource);
    return new Arrivals() {
      private int next;

      @Override
      public double nextGapNanos() {
        return gapsNanos[next++ % gapsNanos.length];
      }
    };
  }

  private static long[] recorded(String resource) {
    try (InputStream file = Objects.requireNonNull(Arrivals.class.getResourceAsStream(resource), resource)) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.startsWith("#")).mapToLong(line -> Long.parseLong(line) * 1000).toArray();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Marsaglia and Tsang, ACM TOMS 2000; shapes below one by their power of a uniform number. */
  private static double gamma(double shape, RandomGenerator random) {
    if (shape < 1) {
      return gamma(shape + 1, random) * StrictMath.pow(1 - random.nextDouble(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = StrictMath.pow(1 + c * x, 3);
      if (v > 0 && StrictMath.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
        return d * v;
      }
    }
  }
}
