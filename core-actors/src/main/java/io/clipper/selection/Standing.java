package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.OptionalDouble;

/**
 * A model version's own record, whatever the policy: its losses as they were observed, and what was believed of it before.
 *
 * @param priorLoss the mean loss it started from, 0..1
 * @param priorObservations how much that is worth; 0 where nothing was believed
 * @param lossSum of its own observations
 */
public record Standing(ModelId model, double priorLoss, double priorObservations, long observations, double lossSum) {
  /** The mean of its own losses; empty before the first. */
  public OptionalDouble meanLoss() {
    return observations > 0 ? OptionalDouble.of(lossSum / observations) : OptionalDouble.empty();
  }

  /** The mean of what was believed and what was observed; 0 where there is neither. */
  public double expectedLoss() {
    return evidence() > 0 ? (priorLoss * priorObservations + lossSum) / evidence() : 0;
  }

  /** How many observations stand behind {@link #expectedLoss()}. */
  public double evidence() {
    return priorObservations + observations;
  }

  static Standing unknown(ModelId model) {
    return new Standing(model, 0, 0, 0, 0);
  }

  /** One that starts from this one's mean, worth at most so many observations. */
  Standing heir(ModelId newcomer, double cap) {
    return new Standing(newcomer, expectedLoss(), Math.min(evidence(), cap), 0, 0);
  }

  Standing after(double loss) {
    return new Standing(model, priorLoss, priorObservations, observations + 1, lossSum + loss);
  }

  /** With what others observed, who believed nothing. */
  Standing plus(Standing others) {
    return new Standing(model, priorLoss, priorObservations, observations + others.observations, lossSum + others.lossSum);
  }
}
