package io.clipper.node.tls;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a node's certificate, or that of its authority, ends.
 *
 * @param certificate the one of the two that ends first
 */
record Expiry(Path certificate, Instant at) {
  /** Time enough for whoever reads a log now and then. */
  private static final Duration SHORT = Duration.ofDays(30);

  /** Below 0 once it is over. */
  double secondsLeft(Instant now) {
    return Duration.between(now, at).toMillis() / 1e3;
  }

  /** What an operator is told where it is near, or over. */
  Optional<String> warning(Instant now) {
    Duration left = Duration.between(now, at);
    if (left.compareTo(SHORT) > 0) {
      return Optional.empty();
    }
    String when = left.isNegative() ? "expired on %s: no node connects any more" : "expires on %s, in %d days";
    return Optional.of(
        "%s %s; running nodes take up a new one that is put there".formatted(certificate, when.formatted(at.toString().substring(0, "2026-01-01".length()), left.toDays())));
  }
}
