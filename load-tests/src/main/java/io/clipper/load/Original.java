package io.clipper.load;

import java.util.List;
import java.util.OptionalDouble;

/**
 * Misses a second that the original Clipper served on two cores, by a no-op container: its own load generator, an application of doubles,
 * medians of three.
 *
 * @param python whether the container was in Python; in C++ otherwise
 */
record Original(boolean python, int doubles, int connections, double perSecond) {
  private static final List<Original> ROWS =
      List.of(
          // Batches of 64.
          new Original(true, 10, 1, 560),
          new Original(true, 10, 32, 5600),
          new Original(true, 10, 128, 6900),
          new Original(true, 784, 1, 630),
          new Original(true, 784, 32, 4400),
          new Original(true, 784, 128, 5000),
          new Original(false, 10, 1, 740),
          new Original(false, 10, 32, 7000),
          new Original(false, 10, 128, 9300),
          // Adaptive batches, after 15 s.
          new Original(true, 10, 1, 620),
          new Original(true, 10, 32, 5100),
          new Original(true, 10, 128, 8100),
          // Batches of 512: the best that was seen.
          new Original(true, 10, 128, 12_600));

  /** The best of its rows for so many numbers and connections; in C++ where there is one, unless Python is asked for. */
  static OptionalDouble best(boolean python, int doubles, int connections) {
    OptionalDouble cpp = best(ROWS.stream().filter(row -> !row.python).toList(), doubles, connections);
    OptionalDouble inPython = best(ROWS.stream().filter(row -> row.python).toList(), doubles, connections);
    return python || cpp.isEmpty() ? inPython : cpp;
  }

  private static OptionalDouble best(List<Original> rows, int doubles, int connections) {
    return rows.stream()
        .filter(row -> row.doubles == doubles && row.connections == connections)
        .mapToDouble(Original::perSecond)
        .max();
  }
}
