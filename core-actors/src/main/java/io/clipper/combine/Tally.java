package io.clipper.combine;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Counts a ballot for one answer, given who is with it. */
final class Tally {
  private final Ballot ballot;
  private final double[] weights;

  Tally(Ballot ballot) {
    this.ballot = ballot;
    this.weights = weights(ballot.votes());
  }

  double weight(int vote) {
    return weights[vote];
  }

  /**
   * @param label the answer's class, for the probability; empty for an answer that is no class
   * @param withIt for each vote, whether it gave the answer
   */
  Combined of(Output output, Optional<String> label, boolean[] withIt) {
    return of(output, withIt, label.map(this::probability).orElse(OptionalDouble.empty()));
  }

  /** @param probability of the answer's class in a pool of those that arrived */
  Combined of(Output output, boolean[] withIt, double probability) {
    return of(output, withIt, OptionalDouble.of(Math.clamp(probability, 0.0, 1.0) * shareArrived()));
  }

  private Combined of(Output output, boolean[] withIt, OptionalDouble probability) {
    List<ModelId> winners = new ArrayList<>();
    double support = 0;
    for (int i = 0; i < withIt.length; i++) {
      if (withIt[i]) {
        winners.add(ballot.votes().get(i).model());
        support += weights[i];
      }
    }
    double agreement = (double) winners.size() / ballot.asked();
    OptionalDouble confidence =
        switch (Confidence.orDefault(ballot.confidence(), ballot.asked())) {
          case AGREEMENT -> ballot.asked() < 2 ? OptionalDouble.empty() : OptionalDouble.of(agreement);
          case WEIGHTED -> ballot.asked() < 2 ? OptionalDouble.empty() : OptionalDouble.of(shareAsked(support));
          case PROBABILITY -> probability;
        };
    return new Combined(output, OptionalDouble.of(agreement), confidence, winners);
  }

  /** p(c) = Σ w_i p_i(c) / Σ w_i over those that return probabilities, times the share of the weight that arrived. */
  private OptionalDouble probability(String label) {
    double sum = 0;
    double weight = 0;
    double plain = 0;
    int count = 0;
    for (int i = 0; i < weights.length; i++) {
      Optional<ClassProbabilities> given = ballot.votes().get(i).output().probabilities();
      if (given.isPresent()) {
        double probability = given.get().of(label);
        sum += weights[i] * probability;
        weight += weights[i];
        plain += probability;
        count++;
      }
    }
    if (count == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(Math.clamp(weight > 0 ? sum / weight : plain / count, 0.0, 1.0) * shareArrived());
  }

  private double shareArrived() {
    double arrived = 0;
    for (double weight : weights) {
      arrived += weight;
    }
    return shareAsked(arrived);
  }

  /** Of the weight that was asked; where nobody asked had a weight, of the number that were asked. */
  private double shareAsked(double weight) {
    double asked = weightless(ballot.votes()) ? ballot.asked() : ballot.weightAsked();
    return asked > 0 ? Math.clamp(weight / asked, 0.0, 1.0) : 0;
  }

  /** Where no vote has a weight, all have the same. */
  private static double[] weights(List<Vote> votes) {
    boolean weightless = weightless(votes);
    double[] weights = new double[votes.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = weightless ? 1 : votes.get(i).weight();
    }
    return weights;
  }

  private static boolean weightless(List<Vote> votes) {
    for (Vote vote : votes) {
      if (vote.weight() > 0) {
        return false;
      }
    }
    return true;
  }
}
