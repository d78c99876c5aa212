package io.clipper.application;

import io.clipper.model.Input;
import java.util.Optional;

/**
 * What became of a prediction.
 *
 * @param feedbackId the client's own name for this piece: sent twice, it counts once
 */
public record Feedback(String application, Target target, Judgement judgement, Optional<String> context, Optional<String> feedbackId) {
  /** Which prediction is judged. */
  public sealed interface Target {}

  /** The answer to that query. */
  public record OfQuery(long queryId) implements Target {}

  /** Whatever the models say of that input. */
  public record OfInput(Input input) implements Target {}

  /** What is said of it. */
  public sealed interface Judgement {}

  /** The true answer, in canonical form: it judges every model whose prediction is known. */
  public record Label(String label) implements Judgement {}

  /** 0..1: it judges the model that was played. */
  public record Reward(double reward) implements Judgement {}

  /** 0..1: it judges the model that was played. */
  public record Loss(double loss) implements Judgement {}

  /**
   * What was learned, once it is durable.
   *
   * @param observed false where the prediction is unknown or was judged before
   * @param models how many models it judged
   */
  public record Receipt(long queryId, boolean observed, int models) {}
}
