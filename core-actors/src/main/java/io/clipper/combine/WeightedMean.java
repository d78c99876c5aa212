package io.clipper.combine;

import java.util.Optional;

/**
 * ŷ = Σ w_i y_i / Σ w_i over the finite numbers that arrived, as an FP64 scalar. With the mean are those within the tolerance of it, which
 * may be none. A vote that is no finite number counts as one that did not arrive.
 */
final class WeightedMean implements Combiner {
  static final String NAME = "weighted-mean";

  @Override
  public String name() {
    return NAME;
  }

  /** A mean is no class and has no probability. */
  @Override
  public boolean canSay(Optional<Confidence> setting, int asked, boolean probabilities) {
    return Confidence.canBeSaid(setting, asked, false);
  }

  @Override
  public Optional<Combined> combine(Ballot all) {
    Numbers numbers = Numbers.of(all);
    return numbers.isEmpty() ? Optional.empty() : Optional.of(numbers.answered(mean(numbers)));
  }

  /** A running mean: equal numbers give that very number, and great ones do not overflow. */
  static double mean(Numbers numbers) {
    double mean = 0;
    double weight = 0;
    for (int i = 0; i < numbers.size(); i++) {
      if (numbers.weight(i) > 0) {
        weight += numbers.weight(i);
        double share = numbers.weight(i) / weight;
        double number = numbers.at(i);
        mean = share == 1 || number == mean ? number : mean * (1 - share) + number * share;
      }
    }
    return mean;
  }
}
