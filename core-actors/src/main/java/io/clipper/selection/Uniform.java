package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/** Asks all candidates, gives each the same weight, and learns nothing: what a policy that learns is measured against. */
record Uniform() implements FixedPolicy {
  static final String NAME = "uniform";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return false;
  }

  @Override
  public double[] weights(Nothing state, List<ModelId> candidates, boolean[] young) {
    return Shares.equal(candidates.size());
  }
}
