package io.clipper.feedback;

import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;

/**
 * What one query teaches once its truth is known.
 *
 * @param missingLoss the loss of a model that was asked and gave nothing, 0..1
 * @param lateLoss the share of a late model's loss that is its lateness, 0..1
 */
public record Judging(Loss loss, double missingLoss, double lateLoss) {
  /** What became of asking a model. */
  public sealed interface Answer {
    /** In time, late enough for learning only, or known from the cache. */
    record Given(Output output, boolean late) implements Answer {}

    /** An error, a NaN, a worker that is gone. */
    record Missing() implements Answer {}

    /** Our own admission turned it away before the model saw it. */
    record Refused() implements Answer {}
  }

  /**
   * A model that was asked, or whose prediction is known.
   *
   * @param probability with which it was to be observed, as it was stored
   */
  public record Asked(ModelId model, double probability, Answer answer) {}

  public Judging {
    if (!(missingLoss >= 0 && missingLoss <= 1) || !(lateLoss >= 0 && lateLoss <= 1)) {
      throw new IllegalArgumentException("missing loss %s or late loss %s is outside 0..1".formatted(missingLoss, lateLoss));
    }
  }

  /**
   * Judges every model by a label in its canonical form.
   *
   * @param candidates those the query could have asked
   */
  public Observation byLabel(List<Asked> asked, List<ModelId> candidates, String label) {
    loss.check(label);
    List<Judged> judged = new ArrayList<>(asked.size());
    List<ModelId> awake = new ArrayList<>(candidates);
    for (Asked one : asked) {
      switch (one.answer()) {
        case Answer.Given given -> judged.add(judged(one, late(loss.of(given.output(), label), given.late())));
        case Answer.Missing missing -> judged.add(judged(one, missingLoss));
        case Answer.Refused refused -> awake.remove(one.model());
      }
    }
    return new Observation(judged, awake);
  }

  /**
   * Judges the model that was played by the loss its user reports, and nobody else. A policy that weighs plays none, so that such a loss
   * teaches it nothing.
   *
   * @param played with the probability of its being played
   * @param ownLoss 0..1; of a reward, 1 − reward
   */
  public Observation ofPlayed(Asked played, List<ModelId> candidates, double ownLoss) {
    return switch (played.answer()) {
      case Answer.Given given -> new Observation(List.of(judged(played, late(ownLoss, given.late()))), candidates);
      case Answer.Missing missing -> new Observation(List.of(judged(played, missingLoss)), candidates);
      case Answer.Refused refused -> new Observation(List.of(), candidates);
    };
  }

  private double late(double ownLoss, boolean late) {
    return late ? lateLoss + (1 - lateLoss) * ownLoss : ownLoss;
  }

  private static Judged judged(Asked asked, double loss) {
    return new Judged(asked.model(), loss, asked.probability());
  }
}
