package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/** Plays the first candidate, which is the current version of the first linked model, and learns nothing. */
final class Single implements SelectionPolicy<Nothing> {
  static final String NAME = "single";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return true;
  }

  @Override
  public Class<Nothing> stateType() {
    return Nothing.class;
  }

  @Override
  public Nothing start() {
    return new Nothing();
  }

  @Override
  public boolean knows(Nothing state, List<ModelId> candidates) {
    return true;
  }

  @Override
  public Nothing admit(Nothing state, List<ModelId> peers, List<Prior> newcomers) {
    return state;
  }

  /** A young first candidate is not held back: whoever linked it first wants it. */
  @Override
  public double[] weights(Nothing state, List<ModelId> candidates, boolean[] young) {
    double[] weights = new double[candidates.size()];
    weights[0] = 1;
    return weights;
  }

  @Override
  public Selection select(List<ModelId> candidates, double[] weights, int maxAsked, RandomGenerator random) {
    return Asking.one(candidates, weights, random);
  }

  @Override
  public Nothing observe(Nothing state, Observation observation) {
    return state;
  }
}
