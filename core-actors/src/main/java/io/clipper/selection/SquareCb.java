package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * Plays by the inverse of the gap between predicted losses (SquareCB: Foster and Rakhlin, Beyond UCB, ICML 2020): with b the candidate of
 * the least predicted loss ŷ, every other a is played with p_a = 1 / (K + γ (ŷ_a − ŷ_b)) and b with what is left, where γ = scale · t^exponent
 * and ŷ comes of ridge regression on the query's features. The regret is at most of order √(K T · that of the regression). Its probabilities
 * are exact, so that its log can be used to judge other policies.
 */
record SquareCb(double scale, double exponent) implements LinearPolicy {
  static final String NAME = "square-cb";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double[] weights(Regressions state, List<ModelId> candidates, boolean[] young, Features features) {
    Regression.Estimate[] estimates = state.estimates(candidates, features);
    double gamma = scale * Math.pow(state.rounds() + 1.0, exponent);
    double[] predicted = new double[estimates.length];
    int best = 0;
    for (int i = 0; i < predicted.length; i++) {
      predicted[i] = Math.clamp(estimates[i].loss(), 0, 1);
      best = predicted[i] < predicted[best] ? i : best;
    }
    double[] weights = new double[predicted.length];
    double left = 1;
    for (int i = 0; i < weights.length; i++) {
      if (i != best) {
        weights[i] = 1 / (weights.length + gamma * (predicted[i] - predicted[best]));
        left -= weights[i];
      }
    }
    weights[best] = left;
    return Shares.capped(weights, young);
  }
}
