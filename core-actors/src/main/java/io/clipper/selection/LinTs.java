package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Thompson sampling over linear losses: draws each candidate's weights θ from N(A⁻¹b, v² A⁻¹), with A = I + Σ x xᵀ and b = Σ l x, and plays
 * the least θᵀx (Agrawal and Goyal, ICML 2013; regret of order d^{3/2} √T, but for logarithms). Only θᵀx matters, which is normal with mean
 * xᵀA⁻¹b and variance v² xᵀA⁻¹x.
 */
record LinTs(double scale) implements LinearPolicy {
  static final String NAME = "lints";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Propensity propensity() {
    return Propensity.ESTIMATED;
  }

  @Override
  public double[] weights(Regressions state, List<ModelId> candidates, boolean[] young, Features features) {
    return draws(state, candidates, young, features).weights();
  }

  @Override
  public Selection select(
      Regressions state, List<ModelId> candidates, boolean[] young, Features features, int maxAsked, RandomGenerator random) {
    return draws(state, candidates, young, features).select(candidates, random);
  }

  private Draws draws(Regressions state, List<ModelId> candidates, boolean[] young, Features features) {
    Regression.Estimate[] estimates = state.estimates(candidates, features);
    return new Draws(young, (i, random) -> estimates[i].loss() + scale * estimates[i].width() * random.nextGaussian());
  }
}
