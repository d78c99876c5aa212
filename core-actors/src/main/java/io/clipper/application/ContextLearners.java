package io.clipper.application;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The learners of an application's contexts in a snapshot that was made before contexts had rows of their own. An immutable value. */
public final class ContextLearners {
  static final ContextLearners NONE = new ContextLearners(Collections.emptyNavigableMap());

  private final NavigableMap<String, Learner> learners;

  /** Written as its map: Pekko would look for an object with a field of the one parameter's name. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  ContextLearners(NavigableMap<String, Learner> learners) {
    this.learners = Collections.unmodifiableNavigableMap(new TreeMap<>(learners));
  }

  /** Without what was learned of these versions. */
  ContextLearners without(List<ModelId> gone) {
    if (gone.isEmpty() || learners.isEmpty()) {
      return this;
    }
    NavigableMap<String, Learner> rest = new TreeMap<>(learners);
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

  /** By the contexts' names. */
  @JsonValue
  NavigableMap<String, Learner> asMap() {
    return learners;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ContextLearners that && learners.equals(that.learners);
  }

  @Override
  public int hashCode() {
    return learners.hashCode();
  }
}
