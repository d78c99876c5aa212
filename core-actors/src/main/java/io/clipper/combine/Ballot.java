package io.clipper.combine;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Optional;

/**
 * What one query has brought in when it is answered.
 *
 * @param votes those that arrived, in the candidates' order
 * @param missing the models that were asked and have not answered
 * @param played the model whose answer is to be given, where the policy plays one
 * @param confidence what the confidence is; empty: what suits the number of models asked
 * @param tolerance how near two numbers must be to agree
 */
public record Ballot(
    List<Vote> votes, List<Missing> missing, Optional<ModelId> played, Optional<Confidence> confidence, double tolerance) {
  /** A model that was asked in vain, and the weight it had. */
  public record Missing(ModelId model, double weight) {
    public Missing {
      Vote.checkWeight(model, weight);
    }
  }

  public Ballot {
    votes = List.copyOf(votes);
    missing = List.copyOf(missing);
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException("tolerance %s is below 0".formatted(tolerance));
    }
  }

  /** How many models were asked, arrived or not. */
  public int asked() {
    return votes.size() + missing.size();
  }

  /** The sum of the weights of the models that were asked. */
  public double weightAsked() {
    double sum = 0;
    for (Vote vote : votes) {
      sum += vote.weight();
    }
    for (Missing one : missing) {
      sum += one.weight();
    }
    return sum;
  }

  Ballot with(List<Vote> otherVotes, List<Missing> otherMissing) {
    return new Ballot(otherVotes, otherMissing, played, confidence, tolerance);
  }
}
