package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/** Plays the first candidate, which is the current version of the first linked model, and learns nothing. */
record Single() implements FixedPolicy {
  static final String NAME = "single";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return true;
  }

  /** A young first candidate is not held back: whoever linked it first wants it. */
  @Override
  public double[] weights(Nothing state, List<ModelId> candidates, boolean[] young) {
    double[] weights = new double[candidates.size()];
    weights[0] = 1;
    return weights;
  }
}
