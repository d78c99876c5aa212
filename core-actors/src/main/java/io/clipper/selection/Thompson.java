package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Thompson sampling: draws each candidate's mean from what is believed of it, and plays the least loss drawn (Thompson 1933; Agrawal and
 * Goyal, AISTATS 2013 and JACM 2017). With W the weight of what was won and L of what was lost, the mean reward is Beta(1 + W, 1 + L), or
 * Gaussian with mean W / (n + 1) and variance 1 / (n + 1), n = W + L. The expected regret is at most (1 + ε) Σ Δ_i ln T / kl(μ_i, μ*)
 * + O(K/ε²) for rewards of 0 and 1, and O(√(K T ln T)) whatever the means.
 *
 * <p>With a discount below 1 each observation first multiplies what is known of its candidates: the memory is 1 / (1 − discount) rounds.
 */
record Thompson(Posterior posterior, double discount) implements MeanPolicy {
  static final String NAME = "thompson";
  static final String GAUSSIAN_NAME = "thompson-gaussian";

  /** What is believed of a mean loss, given what was lost in so many observations. */
  enum Posterior {
    BETA {
      @Override
      double draw(double lost, double count, RandomGenerator random) {
        double won = Math.max(count - lost, 0);
        double loss = Gamma.draw(1 + lost, random);
        return loss / (loss + Gamma.draw(1 + won, random));
      }
    },
    GAUSSIAN {
      @Override
      double draw(double lost, double count, RandomGenerator random) {
        double won = Math.max(count - lost, 0);
        return 1 - (won / (count + 1) + random.nextGaussian() / Math.sqrt(count + 1));
      }
    };

    abstract double draw(double lost, double count, RandomGenerator random);
  }

  @Override
  public String name() {
    return switch (posterior) {
      case BETA -> NAME;
      case GAUSSIAN -> GAUSSIAN_NAME;
    };
  }

  @Override
  public boolean plays() {
    return true;
  }

  @Override
  public Propensity propensity() {
    return Propensity.ESTIMATED;
  }

  @Override
  public double[] weights(Means state, List<ModelId> candidates, boolean[] young) {
    return draws(state, candidates, young).weights();
  }

  @Override
  public Selection select(
      Means state, List<ModelId> candidates, boolean[] young, Features features, int maxAsked, RandomGenerator random) {
    return draws(state, candidates, young).select(candidates, random);
  }

  @Override
  public Means observe(Means state, Observation observation) {
    return (discount < 1 ? state.faded(observation.candidates(), discount) : state).observe(observation);
  }

  private Draws draws(Means state, List<ModelId> candidates, boolean[] young) {
    int[] indexes = state.losses().indexesOf(candidates);
    return new Draws(young, (i, random) -> posterior.draw(state.losses().at(indexes[i]), state.counts().at(indexes[i]), random));
  }
}
