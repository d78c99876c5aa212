package io.clipper.node.file;

import java.util.OptionalLong;

/**
 * How many rows may be under way at once: one more after each whole round at a good latency, a tenth less after a bad answer. A latency
 * is good up to twice the lowest one seen, which is what an unloaded node gives; a longer one means that rows wait for each other, and
 * with them everybody else's queries.
 *
 * @param credit good answers since the limit last changed
 * @param fastest the lowest latency so far, in nanoseconds
 */
record InFlight(int limit, int max, int credit, OptionalLong fastest) {
  private static final int SLOWER = 2;
  /** Below this nothing is slow: a scheduler's hiccup is not load. */
  private static final long FAST_NANOS = 2_000_000;

  static InFlight upTo(int max) {
    return new InFlight(1, max, 0, OptionalLong.empty());
  }

  InFlight {
    if (limit < 1 || limit > max) {
      throw new IllegalArgumentException("limit %d is outside 1..%d".formatted(limit, max));
    }
  }

  /**
   * @param served whether a model's answer came, rather than the default or a refusal
   */
  InFlight after(long nanos, boolean served) {
    long best = Math.min(fastest.orElse(nanos), nanos);
    boolean good = served && (nanos <= FAST_NANOS || nanos <= SLOWER * best);
    if (!good) {
      return new InFlight(Math.max(1, limit * 9 / 10), max, 0, OptionalLong.of(best));
    }
    return credit + 1 < limit
        ? new InFlight(limit, max, credit + 1, OptionalLong.of(best))
        : new InFlight(Math.min(max, limit + 1), max, 0, OptionalLong.of(best));
  }
}
