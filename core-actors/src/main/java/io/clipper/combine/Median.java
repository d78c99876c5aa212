package io.clipper.combine;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The number with half of the weight on either side: the least y with Σ_{y_i ≤ y} w_i ≥ ½ Σ w_i, or the middle between it and the next
 * where that is exactly half. A model with less than half of the weight cannot carry it away, however wrong it is.
 */
final class Median implements Combiner {
  static final String NAME = "median";

  @Override
  public String name() {
    return NAME;
  }

  /** A median is no class and has no probability. */
  @Override
  public boolean canSay(Optional<Confidence> setting, int asked, boolean probabilities) {
    return Confidence.canBeSaid(setting, asked, false);
  }

  @Override
  public Optional<Combined> combine(Ballot all) {
    Numbers numbers = Numbers.of(all);
    return numbers.isEmpty() ? Optional.empty() : Optional.of(numbers.answered(median(numbers)));
  }

  private static double median(Numbers numbers) {
    int[] order =
        IntStream.range(0, numbers.size())
            .filter(i -> numbers.weight(i) > 0)
            .boxed()
            .sorted(Comparator.comparingDouble(numbers::at))
            .mapToInt(Integer::intValue)
            .toArray();
    double total = 0;
    for (int i : order) {
      total += numbers.weight(i);
    }
    double below = 0;
    for (int i = 0; i < order.length; i++) {
      below += numbers.weight(order[i]);
      double number = numbers.at(order[i]);
      if (isHalf(below, total) && i + 1 < order.length) {
        return number / 2 + numbers.at(order[i + 1]) / 2;
      }
      if (below > total / 2) {
        return number;
      }
    }
    return numbers.at(order[order.length - 1]);
  }

  /** Equal weights such as five tenths and five more are half and half but for rounding. */
  private static boolean isHalf(double below, double total) {
    return Math.abs(below - total / 2) <= 1e-12 * total;
  }
}
