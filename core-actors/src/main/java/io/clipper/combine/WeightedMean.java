package io.clipper.combine;

import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

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
    List<Vote> votes = all.votes().stream().filter(vote -> isFinite(vote.output().number())).toList();
    if (votes.isEmpty()) {
      return Optional.empty();
    }
    Ballot ballot = new Ballot(votes, all.asked(), all.weightAsked(), all.played(), all.confidence(), all.tolerance());
    Tally tally = new Tally(ballot);
    double[] numbers = votes.stream().mapToDouble(vote -> vote.output().number().orElseThrow()).toArray();
    double mean = mean(numbers, tally);
    boolean[] withIt = new boolean[numbers.length];
    for (int i = 0; i < withIt.length; i++) {
      withIt[i] = Math.abs(numbers[i] - mean) <= ballot.tolerance();
    }
    return Optional.of(tally.of(Output.of(mean), Optional.empty(), withIt));
  }

  /** A running mean: equal numbers give that very number, and great ones do not overflow. */
  private static double mean(double[] numbers, Tally tally) {
    double mean = 0;
    double weight = 0;
    for (int i = 0; i < numbers.length; i++) {
      if (tally.weight(i) > 0) {
        weight += tally.weight(i);
        double share = tally.weight(i) / weight;
        mean = share == 1 || numbers[i] == mean ? numbers[i] : mean * (1 - share) + numbers[i] * share;
      }
    }
    return mean;
  }

  private static boolean isFinite(OptionalDouble number) {
    return number.isPresent() && Double.isFinite(number.getAsDouble());
  }
}
