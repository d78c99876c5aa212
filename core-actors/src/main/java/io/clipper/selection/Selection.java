package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Optional;

/**
 * Who one query asks, in the candidates' order.
 *
 * @param played the one whose answer is given, where the policy plays one; a policy that weighs plays none
 * @param estimate of an {@link Propensity#ESTIMATED} selection what its probabilities are counted from; empty where they are known
 */
public record Selection(List<Choice> asked, Optional<ModelId> played, Propensity propensity, Optional<Estimate> estimate) {
  /**
   * A model that is asked. As long as there is an {@link Selection#estimate}, both numbers only say who is played.
   *
   * @param probability with which it would be observed on such a query, above 0 and at most 1
   * @param weight its share of the vote at that moment, or the probability of its being played, 0..1
   */
  public record Choice(ModelId model, double probability, double weight) {}

  public Selection {
    asked = List.copyOf(asked);
  }

  public Selection(List<Choice> asked, Optional<ModelId> played, Propensity propensity) {
    this(asked, played, propensity, Optional.empty());
  }

  public Selection(List<Choice> asked, Optional<ModelId> played) {
    this(asked, played, Propensity.EXACT);
  }

  /** To be counted from there, if somebody wants to know. */
  Selection with(Estimate later) {
    return new Selection(asked, played, propensity, Optional.of(later));
  }

  /** With its probabilities, counted where they were not known; that takes as long as a few hundred selections. */
  public Selection known() {
    if (estimate.isEmpty()) {
      return this;
    }
    Estimate counted = estimate.get();
    List<Choice> choices =
        asked.stream()
            .map(choice -> new Choice(choice.model(), counted.ofObserving(choice.model()), counted.ofPlaying(choice.model())))
            .toList();
    return new Selection(choices, played, propensity);
  }
}
