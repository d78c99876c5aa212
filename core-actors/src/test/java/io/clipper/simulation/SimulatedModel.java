package io.clipper.simulation;

import java.util.random.RandomGenerator;

/** How long a batch takes, in nanoseconds. */
interface SimulatedModel {
  double latencyNanos(int rows, long nowNanos);

  static SimulatedModel affine(double baseMillis, double millisPerRow) {
    return (rows, now) -> (baseMillis + millisPerRow * rows) * 1e6;
  }

  /** Gaussian, in shares of the latency. */
  default SimulatedModel noisy(double share, RandomGenerator random) {
    return (rows, now) -> latencyNanos(rows, now) * Math.max(0.01, 1 + share * random.nextGaussian());
  }

  /** From that moment on so many times as slow. */
  default SimulatedModel drifting(double fromSeconds, double factor) {
    return (rows, now) -> latencyNanos(rows, now) * (now < fromSeconds * 1e9 ? 1 : factor);
  }

  /** The same by and by, evenly until that moment. */
  default SimulatedModel drifting(double fromSeconds, double untilSeconds, double factor) {
    return (rows, now) -> latencyNanos(rows, now) * (1 + (factor - 1) * Math.clamp((now / 1e9 - fromSeconds) / (untilSeconds - fromSeconds), 0, 1));
  }

  default SimulatedModel stalling(double chance, double stallMillis, RandomGenerator random) {
    return (rows, now) -> latencyNanos(rows, now) + (random.nextDouble() < chance ? stallMillis * 1e6 : 0);
  }
}
