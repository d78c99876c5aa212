package io.clipper.application;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The learners of an application's contexts: an immutable map whose copy costs one bucket in 256. */
public final class ContextLearners {
  private static final int BUCKETS = 256;

  static final ContextLearners NONE = new ContextLearners(new TreeMap<>());

  private final List<Map<String, Learner>> buckets;

  private ContextLearners(List<Map<String, Learner>> buckets) {
    this.buckets = buckets;
  }

  /** Written as its map: Pekko would look for an object with a field of the one parameter's name. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  ContextLearners(NavigableMap<String, Learner> learners) {
    List<Map<String, Learner>> filled = new ArrayList<>(BUCKETS);
    for (int i = 0; i < BUCKETS; i++) {
      filled.add(new HashMap<>());
    }
    learners.forEach((context, learner) -> filled.get(bucket(context)).put(context, learner));
    this.buckets = filled.stream().map(Map::copyOf).toList();
  }

  Optional<Learner> of(String context) {
    return Optional.ofNullable(buckets.get(bucket(context)).get(context));
  }

  ContextLearners with(String context, Learner learner) {
    List<Map<String, Learner>> next = new ArrayList<>(buckets);
    Map<String, Learner> changed = new HashMap<>(next.get(bucket(context)));
    changed.put(context, learner);
    next.set(bucket(context), Map.copyOf(changed));
    return new ContextLearners(List.copyOf(next));
  }

  /** Without what was learned of these versions. */
  ContextLearners without(List<ModelId> gone) {
    if (gone.isEmpty()) {
      return this;
    }
    NavigableMap<String, Learner> rest = asMap();
    rest.replaceAll(
        (context, learner) -> {
          Learner fewer = learner;
          for (ModelId model : gone) {
            fewer = fewer.forget(model);
          }
          return fewer;
        });
    return new ContextLearners(rest);
  }

  /** Sorted, so that a snapshot of the same state is the same bytes. */
  @JsonValue
  NavigableMap<String, Learner> asMap() {
    NavigableMap<String, Learner> all = new TreeMap<>();
    buckets.forEach(all::putAll);
    return all;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ContextLearners that && buckets.equals(that.buckets);
  }

  @Override
  public int hashCode() {
    return buckets.hashCode();
  }

  private static int bucket(String context) {
    return Math.floorMod(context.hashCode(), BUCKETS);
  }
}
