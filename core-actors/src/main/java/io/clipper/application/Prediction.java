package io.clipper.application;

import io.clipper.certainty.Certainty;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * An application's answer.
 *
 * @param queryId what feedback names; below 2^53
 * @param defaultReason why the output is the application's default; empty when it is not
 * @param refused whether this is a default since no model had room for it, or time, which an application may show as a refusal
 * @param agreement models that gave the winning answer ÷ models asked
 * @param confidence 0..1; empty where nothing can be said
 * @param rejected the answer that was withheld for a confidence below the threshold
 * @param certainty the set or interval in which the truth is, where the application wants one
 * @param contextUnread whether what was learned of the query's context could not be read in time, so that its prior stood in for it
 */
public record Prediction(
    long queryId,
    Output output,
    Optional<String> defaultReason,
    boolean refused,
    OptionalDouble agreement,
    OptionalDouble confidence,
    List<ModelAnswer> models,
    Optional<Output> rejected,
    Optional<Certainty> certainty,
    boolean contextUnread) {
  /** The id of a default that was given without the loop's knowledge: no feedback can name it. */
  public static final long NO_QUERY_ID = -1;

  public static final String NO_MODELS = "No connected models found for query";
  public static final String NO_STATE = "No node that keeps the application's state is in reach";
  public static final String MOVING = "The application is moving to another node";
  public static final String LATE = "Failed to retrieve a prediction response within the specified latency SLO";

  /**
   * One asked model's part.
   *
   * @param output empty where nothing came in time, or what came was an error; also where all that the models gave is more than goes
   *     between nodes
   * @param weight the model's share in the combination, 0..1
   */
  public record ModelAnswer(ModelId model, Optional<Output> output, double weight, boolean cached, boolean late) {
    ModelAnswer withoutOutput() {
      return new ModelAnswer(model, Optional.empty(), weight, cached, late);
    }
  }

  /** The same, for feedback to name no more. */
  Prediction withoutId() {
    return new Prediction(NO_QUERY_ID, output, defaultReason, refused, agreement, confidence, models, rejected, certainty, contextUnread);
  }

  /** The same, without the models' outputs where it takes more than that with them. */
  Prediction within(int limitBytes) {
    long bytes = output.sizeInBytes();
    bytes += rejected.map(Output::sizeInBytes).orElse(0);
    for (ModelAnswer answer : models) {
      bytes += answer.output().map(Output::sizeInBytes).orElse(0);
    }
    return bytes <= limitBytes ? this : with(models.stream().map(ModelAnswer::withoutOutput).toList());
  }

  private Prediction with(List<ModelAnswer> answers) {
    return new Prediction(queryId, output, defaultReason, refused, agreement, confidence, answers, rejected, certainty, contextUnread);
  }

  /** One that says nothing of where the truth is. */
  public Prediction(
      long queryId,
      Output output,
      Optional<String> defaultReason,
      boolean refused,
      OptionalDouble agreement,
      OptionalDouble confidence,
      List<ModelAnswer> models,
      Optional<Output> rejected) {
    this(queryId, output, defaultReason, refused, agreement, confidence, models, rejected, Optional.empty(), false);
  }

  /** One whose context, if it had one, was known. */
  public Prediction(
      long queryId,
      Output output,
      Optional<String> defaultReason,
      boolean refused,
      OptionalDouble agreement,
      OptionalDouble confidence,
      List<ModelAnswer> models,
      Optional<Output> rejected,
      Optional<Certainty> certainty) {
    this(queryId, output, defaultReason, refused, agreement, confidence, models, rejected, certainty, false);
  }

  public Prediction {
    models = List.copyOf(models);
  }

  /** Whether all that was asked for it was in the cache. */
  public boolean isKnown() {
    for (ModelAnswer asked : models) {
      if (!asked.cached()) {
        return false;
      }
    }
    return !models.isEmpty();
  }

  public boolean isDefault() {
    return defaultReason.isPresent();
  }
}
