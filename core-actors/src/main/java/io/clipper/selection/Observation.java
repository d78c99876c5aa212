package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * What one query taught: the loss of each judged model, and who else was a candidate.
 *
 * @param candidates those the query could have asked
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
        throw new IllegalArgumentException("probability %s of %s is outside 0..1".formatted(probability, model));
      }
    }
  }

  public Observation {
    judged = List.copyOf(judged);
    candidates = List.copyOf(candidates);
  }
}
