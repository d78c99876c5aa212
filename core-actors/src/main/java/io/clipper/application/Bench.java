package io.clipper.application;

import io.clipper.model.ModelId;
import java.util.HashMap;
import java.util.Map;

/** Which models have given no answer so many times in a row that an answer no longer waits for them. They are asked still. */
final class Bench {
  private final int silencesUntilBenched;
  private final Map<ModelId, Integer> silences = new HashMap<>();

  Bench(int silencesUntilBenched) {
    this.silencesUntilBenched = silencesUntilBenched;
  }

  boolean holds(ModelId model) {
    return !silences.isEmpty() && silences.getOrDefault(model, 0) >= silencesUntilBenched;
  }

  void answered(ModelId model) {
    if (!silences.isEmpty()) {
      silences.remove(model);
    }
  }

  void silent(ModelId model) {
    silences.merge(model, 1, Integer::sum);
  }
}
