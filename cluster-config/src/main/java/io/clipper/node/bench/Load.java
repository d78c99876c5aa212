package io.clipper.node.bench;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * @param concurrency connections that each ask again when they are answered
 * @param rate empty: a closed loop of {@code concurrency}; else queries a second, sent at their times whether or not earlier ones are
 *     answered
 * @param warmUp asked but not counted
 * @param measured counted
 */
public record Load(int concurrency, OptionalDouble rate, Duration warmUp, Duration measured) {
  public Load {
    if (concurrency < 1) {
      throw new IllegalArgumentException("concurrency %d is below 1".formatted(concurrency));
    }
    if (rate.isPresent() && !(rate.getAsDouble() > 0)) {
      throw new IllegalArgumentException("rate %s is not above 0".formatted(rate.getAsDouble()));
    }
    if (warmUp.isNegative() || measured.isNegative() || measured.isZero()) {
      throw new IllegalArgumentException("nothing can be measured in %s after %s".formatted(measured, warmUp));
    }
  }
}
