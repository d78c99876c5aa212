package io.clipper.replica;

import com.typesafe.config.Config;

/**
 * How a node finds its way to replicas.
 *
 * @param maxFlights distinct inputs of one model version that may be on their way at once
 */
public record RouterSettings(int maxFlights) {
  public RouterSettings {
    if (maxFlights < 1) {
      throw new IllegalArgumentException("clipper.router.max-flights %d is below 1".formatted(maxFlights));
    }
  }

  /** Reads {@code clipper.router}. */
  public static RouterSettings of(Config config) {
    return new RouterSettings(config.getInt("clipper.router.max-flights"));
  }
}
