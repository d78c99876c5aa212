package io.clipper.context;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.clipper.certainty.QuantileTracker;
import io.clipper.selection.Learner;
import java.util.Optional;

/**
 * What was learned of one context: an immutable value.
 *
 * @param scores what its labels said of how sure answers are, where the application wants to know
 */
public record LearnedContext(Learner learner, @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Scores> scores) {
  /** @param miss the share of labels that the threshold lets be missed; with another share it starts anew */
  public record Scores(double miss, QuantileTracker tracker) {}

  public LearnedContext(Learner learner) {
    this(learner, Optional.empty());
  }
}
