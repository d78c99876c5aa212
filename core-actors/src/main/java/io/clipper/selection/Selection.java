package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Optional;

/**
 * Who one query asks, in the candidates' order.
 *
 * @param played the one whose answer is given, where the policy plays one; a policy that weighs plays none
 */
public record Selection(List<Choice> asked, Optional<ModelId> played) {
  /**
   * A model that is asked.
   *
   * @param probability with which it would be observed on such a query, above 0 and at most 1
   * @param weight its share of the vote at that moment, or the probability of its being played, 0..1
   */
  public record Choice(ModelId model, double probability, double weight) {}

  public Selection {
    asked = List.copyOf(asked);
  }
}
