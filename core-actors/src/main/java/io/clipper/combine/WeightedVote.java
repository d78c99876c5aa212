package io.clipper.combine;

import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The answer with the greatest sum of weights, ŷ = argmax_c Σ_{i arrived} w_i 1{y_i = c}, as the heaviest of those models gave it. A
 * classifier votes with its label. Single elements are the same answer if their labels are, or if they are numbers within the tolerance;
 * other outputs if they are equal. Of equal sums the one with the heaviest model wins, then the earlier candidate's.
 */
final class WeightedVote implements Combiner {
  static final String NAME = "weighted-vote";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Optional<Combined> combine(Ballot ballot) {
    List<Vote> votes = ballot.votes();
    if (votes.isEmpty()) {
      return Optional.empty();
    }
    Tally tally = new Tally(ballot);
    Answer[] answers = answers(votes);
    int best = -1;
    double bestSupport = 0;
    for (int i = 0; i < answers.length; i++) {
      double support = 0;
      for (int j = 0; j < answers.length; j++) {
        support += answers[i].agreesWith(answers[j], ballot.tolerance()) ? tally.weight(j) : 0;
      }
      if (best < 0 || support > bestSupport || (support == bestSupport && tally.weight(i) > tally.weight(best))) {
        best = i;
        bestSupport = support;
      }
    }
    boolean[] withIt = new boolean[answers.length];
    for (int i = 0; i < answers.length; i++) {
      withIt[i] = answers[best].agreesWith(answers[i], ballot.tolerance());
    }
    return Optional.of(tally.of(votes.get(best).output(), answers[best].label(), withIt));
  }

  static Answer[] answers(List<Vote> votes) {
    Answer[] answers = new Answer[votes.size()];
    for (int i = 0; i < answers.length; i++) {
      answers[i] = Answer.of(votes.get(i).output());
    }
    return answers;
  }

  /** An output with what it is compared by. */
  record Answer(Output output, Optional<String> label, OptionalDouble number) {
    static Answer of(Output output) {
      return new Answer(output, output.label(), output.number());
    }

    boolean agreesWith(Answer other, double tolerance) {
      if (label.isEmpty() || other.label.isEmpty()) {
        return label.isEmpty() && other.label.isEmpty() && output.tensors().equals(other.output.tensors());
      }
      return label.equals(other.label)
          || (tolerance > 0
              && number.isPresent()
              && other.number.isPresent()
              && Math.abs(number.getAsDouble() - other.number.getAsDouble()) <= tolerance);
    }
  }
}
