package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who one query asks, in the candidates' order.
 *
 * @param played the one whose answer is given, where the policy plays one; a policy that weighs plays none
 */
public record Selection(List<Choice> asked, Optional<ModelId> played, Propensity propensity) {
  /**
   * A model that is asked.
   *
   * @param probability with which it would be observed on such a query, above 0 and at most 1; of an {@link Propensity#ESTIMATED}
   *     selection 1 until {@link Selection#estimated} says better
   * @param weight its share of the vote at that moment, or the probability of its being played, 0..1
   */
  public record Choice(ModelId model, double probability, double weight) {}

  public Selection {
    asked = List.copyOf(asked);
  }

  public Selection(List<Choice> asked, Optional<ModelId> played) {
    this(asked, played, Propensity.EXACT);
  }

  /**
   * With the probabilities that were not known when it was made; one that knew them stays as it is.
   *
   * @param weights of the learner that chose, for all candidates
   * @param shadow the share of queries, 0..1, that asks all candidates for learning's sake
   */
  public Selection estimated(Map<ModelId, Double> weights, double shadow) {
    if (propensity != Propensity.ESTIMATED) {
      return this;
    }
    List<Choice> known =
        asked.stream()
            .map(
                choice -> {
                  double weight = weights.getOrDefault(choice.model(), choice.weight());
                  return new Choice(choice.model(), Asking.observed(weight, shadow), weight);
                })
            .toList();
    return new Selection(known, played, propensity);
  }
}
