package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/** Asks all candidates, gives each the same weight, and learns nothing: what a policy that learns is measured against. */
final class Uniform implements SelectionPolicy<Nothing> {
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

  @Override
  public double[] weights(Nothing state, List<ModelId> candidates, boolean[] young) {
    return Shares.equal(candidates.size());
  }

  @Override
  public Selection select(List<ModelId> candidates, double[] weights, int maxAsked, RandomGenerator random) {
    return Asking.many(candidates, weights, maxAsked, random);
  }

  @Override
  public Nothing observe(Nothing state, Observation observation) {
    return state;
  }
}
