package io.clipper.combine;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Optional;

/**
 * What one query has brought in when it is answered.
 *
 * @param votes those that arrived, in the candidates' order
 * @param asked how many models were asked, arrived or not
 * @param weightAsked the sum of the weights of the models that were asked
 * @param played the model whose answer is to be given, where the policy plays one
 * @param confidence what the confidence is; empty: what suits the number of models asked
 * @param tolerance how near two numbers must be to agree
 */
public record Ballot(
    List<Vote> votes, int asked, double weightAsked, Optional<ModelId> played, Optional<Confidence> confidence, double tolerance) {
  public Ballot {
    votes = List.copyOf(votes);
    if (asked < votes.size()) {
      throw new IllegalArgumentException("%d votes arrived, of %d models asked".formatted(votes.size(), asked));
    }
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException("tolerance %s is below 0".formatted(tolerance));
    }
  }
}
