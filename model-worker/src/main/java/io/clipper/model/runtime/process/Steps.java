package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What each model that a node is starting waits for, for whoever waits with it. Read and written from any thread. */
final class Steps {
  private final Map<ModelId, String> steps = new ConcurrentHashMap<>();

  void at(ModelId model, String step) {
    steps.put(model, step);
  }

  void over(ModelId model) {
    steps.remove(model);
  }

  Map<ModelId, String> all() {
    return Map.copyOf(steps);
  }
}
