package io.clipper.selection;

import io.clipper.model.ModelId;

/**
 * What is believed of a candidate that a policy meets: a mean loss, worth so many observations.
 *
 * @param meanLoss 0..1
 * @param observations how much the belief is worth; 0 where nothing is known
 * @param peersMeanLoss the mean loss of those it is compared with, 0..1
 */
public record Prior(ModelId model, double meanLoss, double observations, double peersMeanLoss) {
  /** How much more than its peers it would have lost in these observations; negative for a better one. */
  public double excessLoss() {
    return observations * (meanLoss - peersMeanLoss);
  }
}
