package io.clipper.selection;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.clipper.model.ModelId;
import java.util.List;
import java.util.Optional;

/**
 * What one query taught: the loss of each judged model, and who else was a candidate.
 *
 * @param judged each model at most once, each of them a candidate
 * @param candidates those the query could have observed; one that could not be (refused by our own admission) is left out, and learns
 *     nothing
 * @param features the query's, where it had some
 */
public record Observation(
    List<Judged> judged, List<ModelId> candidates, @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Features> features) {
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

  public Observation(List<Judged> judged, List<ModelId> candidates) {
    this(judged, candidates, Optional.empty());
  }

  public Observation {
    judged = List.copyOf(judged);
    candidates = List.copyOf(candidates);
    checkDistinct(candidates);
    boolean[] seen = new boolean[candidates.size()];
    int index = -1;
    for (Judged one : judged) {
      index = indexOf(candidates, one.model(), index + 1);
      if (index < 0 || seen[index]) {
        throw new IllegalArgumentException("%s is judged %s".formatted(one.model(), index < 0 ? "and is not a candidate" : "twice"));
      }
      seen[index] = true;
    }
  }

  /** Of a query with these features. */
  public Observation at(Features queryFeatures) {
    return queryFeatures.size() > 0 ? new Observation(judged, candidates, Optional.of(queryFeatures)) : this;
  }

  /** Where a judged model stands among the candidates, quickest where it is expected. */
  int indexOf(ModelId judgedModel, int expected) {
    return indexOf(candidates, judgedModel, expected);
  }

  /** Each hash code once: of two candidates that differ they nearly always do. */
  private static void checkDistinct(List<ModelId> candidates) {
    int[] hashes = new int[candidates.size()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = candidates.get(i).hashCode();
      for (int j = 0; j < i; j++) {
        if (hashes[j] == hashes[i] && candidates.get(j).equals(candidates.get(i))) {
          throw new IllegalArgumentException("candidate %s is there twice".formatted(candidates.get(i)));
        }
      }
    }
  }

  private static int indexOf(List<ModelId> candidates, ModelId model, int expected) {
    return expected < candidates.size() && candidates.get(expected).equals(model) ? expected : candidates.indexOf(model);
  }
}
