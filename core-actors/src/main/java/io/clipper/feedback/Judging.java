package io.clipper.feedback;

import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.model.ModelId;
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
      switch (one.outcome()) {
        case Gave given -> judged.add(judged(one, late(loss.of(given.output(), label), given.late())));
        case Missing missing -> judged.add(judged(one, missingLoss));
        case NotAdmitted notAdmitted -> awake.remove(one.model());
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
    return switch (played.outcome()) {
      case Gave given -> new Observation(List.of(judged(played, late(ownLoss, given.late()))), candidates);
      case Missing missing -> new Observation(List.of(judged(played, missingLoss)), candidates);
      case NotAdmitted notAdmitted -> new Observation(List.of(), candidates);
    };
  }

  private double late(double ownLoss, boolean late) {
    return late ? lateLoss + (1 - lateLoss) * ownLoss : ownLoss;
  }

  private static Judged judged(Asked asked, double loss) {
    return new Judged(asked.model(), loss, asked.probability());
  }
}
