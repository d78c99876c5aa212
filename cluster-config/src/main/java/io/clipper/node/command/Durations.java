package io.clipper.node.command;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500us}, {@code 50ms}, {@code 1.5s}, {@code 2m}. */
final class Durations {
  private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,6})?)(us|µs|ms|s|m)");

  private Durations() {}

  static Duration parse(String text) {
    Matcher parts = WRITTEN.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'%s' is not a duration such as 50ms, 1.5s or 500us".formatted(text));
    }
    double nanos =
        switch (parts.group(2)) {
          case "us", "µs" -> 1e3;
          case "ms" -> 1e6;
          case "s" -> 1e9;
          default -> 60e9;
        };
    return Duration.ofNanos(Math.round(Double.parseDouble(parts.group(1)) * nanos));
  }

  static long micros(Duration duration) {
    return duration.toNanos() / 1000;
  }

  /** The shortest way to write it. */
  static String text(long micros) {
    if (micros % 1_000_000 == 0) {
      return micros / 1_000_000 + "s";
    }
    return micros % 1000 == 0 ? micros / 1000 + "ms" : micros + "us";
  }
}
