package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * Plays the candidate with the least lower bound of its loss at the query's features x: θᵀx − α √(xᵀA⁻¹x), with A = I + Σ x xᵀ and
 * θ = A⁻¹ Σ l x over what was observed of that candidate (LinUCB, disjoint: Li, Chu, Langford, Schapire, WWW 2010). Where the losses are
 * linear the regret is of order d √T, but for logarithms (Abbasi-Yadkori, Pál, Szepesvári, NIPS 2011). It draws no lots.
 */
record LinUcb(double alpha) implements LinearPolicy {
  static final String NAME = "linucb";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Propensity propensity() {
    return Propensity.DETERMINISTIC;
  }

  @Override
  public double[] weights(Regressions state, List<ModelId> candidates, boolean[] young, Features features) {
    Regression.Estimate[] estimates = state.estimates(candidates, features);
    double[] bounds = new double[estimates.length];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = estimates[i].loss() - alpha * estimates[i].width();
    }
    return Shares.ofLeast(bounds, young);
  }
}
