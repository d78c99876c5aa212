package io.clipper.selection;

import java.util.random.RandomGenerator;

/** The gamma distribution of scale 1. */
final class Gamma {
  private Gamma() {}

  /**
   * By rejection from a squeezed normal: Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 2000.
   *
   * @param shape at least 1
   */
  static double draw(double shape, RandomGenerator random) {
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double root = 1 + c * x;
      if (root > 0) {
        double v = root * root * root;
        double u = random.nextDouble();
        double square = x * x;
        if (u < 1 - 0.0331 * square * square || Math.log(u) < square / 2 + d * (1 - v + Math.log(v))) {
          return d * v;
        }
      }
    }
  }
}
