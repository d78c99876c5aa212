package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * What one query taught: the loss of each judged model, and who else was a candidate.
 *
 * @param judged each model at most once, each of them a candidate
 * @param candidates those the query could have observed; one that could not be (refused by our own admission) is left out, and learns
 *     nothing
 */
public record Observation(List<Judged> judged, List<ModelId> candidates) {
  /**
   * A model's loss.
   *
   * @param loss 0..1
   * @param probability with which it was observed: what the update divides by
   */
  public record Judged(ModelId model, double loss, double probability) {
    public Judged {
      if (!(loss >= 0 && loss <= 1)) {
        throw new IllegalArgumentException("loss %s of %s is outside 0..1".formatted(loss, model));
      }
      if (!(probability > 0 && probability <= 1)) {
        throw new IllegalArgumentException("probability %s of %s is not above 0 and at most 1".formatted(probability, model));
      }
    }
  }

  public Observation {
    judged = List.copyOf(judged);
    candidates = List.copyOf(candidates);
    for (int i = 0; i < candidates.size(); i++) {
      if (candidates.lastIndexOf(candidates.get(i)) != i) {
        throw new IllegalArgumentException("candidate %s is there twice".formatted(candidates.get(i)));
      }
    }
    for (int i = 0; i < judged.size(); i++) {
      ModelId model = judged.get(i).model();
      if (!candidates.contains(model)) {
        throw new IllegalArgumentException("%s is judged and is not a candidate".formatted(model));
      }
      for (int j = 0; j < i; j++) {
        if (judged.get(j).model().equals(model)) {
          throw new IllegalArgumentException("%s is judged twice".formatted(model));
        }
      }
    }
  }
}
