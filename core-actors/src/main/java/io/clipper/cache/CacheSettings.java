package io.clipper.cache;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Optional;

/**
 * How much one node remembers, and how long.
 *
 * @param maxBytes inputs, outputs and the objects around them
 * @param timeToLive counted from the first answer to an input; empty: until room is needed
 */
public record CacheSettings(long maxBytes, Optional<Duration> timeToLive) {
  public CacheSettings {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("clipper.cache.max-bytes %d is below 0".formatted(maxBytes));
    }
    timeToLive.ifPresent(
        life -> {
          if (life.isNegative() || life.isZero()) {
            throw new IllegalArgumentException("clipper.cache.time-to-live %s is not above 0".formatted(life));
          }
        });
  }

  /** Reads {@code clipper.cache}. */
  public static CacheSettings of(Config config) {
    Config cache = config.getConfig("clipper.cache");
    boolean forever = cache.getString("time-to-live").equals("off");
    return new CacheSettings(cache.getBytes("max-bytes"), forever ? Optional.empty() : Optional.of(cache.getDuration("time-to-live")));
  }
}
