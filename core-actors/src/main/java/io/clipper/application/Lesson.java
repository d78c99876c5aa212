package io.clipper.application;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.clipper.certainty.Promise;
import io.clipper.combine.Labelled;
import io.clipper.selection.Observation;
import java.util.Optional;

/**
 * One piece of feedback, joined with the prediction it judges: what the ledger keeps for ever.
 *
 * @param feedbackId the client's own name for it
 * @param label in its canonical form; empty where the client told a reward or a loss
 * @param taught of a label, where the application learns more from it than whom to choose
 */
public record Lesson(
    long queryId,
    Optional<String> context,
    Optional<String> feedbackId,
    Observation observation,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> label,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Taught> taught) {
  /**
   * A label beside what had been said before it was known.
   *
   * @param said by the models, where the combiner learns from it; else without opinions
   * @param promise that was issued, where one was
   */
  public record Taught(Labelled said, Optional<Promise> promise) {}

  /** Of a reward or a loss. */
  public Lesson(long queryId, Optional<String> context, Optional<String> feedbackId, Observation observation) {
    this(queryId, context, feedbackId, observation, Optional.empty(), Optional.empty());
  }

  Lesson with(Optional<Taught> more) {
    return new Lesson(queryId, context, feedbackId, observation, label, more);
  }
}
