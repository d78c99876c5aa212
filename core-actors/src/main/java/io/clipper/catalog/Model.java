package io.clipper.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's versions by name in the order in which they came, the one in use, and those that were in use before it, latest last.
 *
 * @param replicas how many copies of each version in use are wanted
 */
public record Model(String name, Map<String, ModelVersion> versions, Optional<String> current, List<String> previous, int replicas) {
  public Model {
    versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    previous = List.copyOf(previous);
  }

  public Optional<ModelVersion> currentVersion() {
    return current.map(versions::get);
  }
}
