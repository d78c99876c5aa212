package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Thompson sampling: draws each candidate's mean from what is believed of it, and plays the least loss drawn (Thompson 1933; Agrawal and
 * Goyal, AISTATS 2013 and JACM 2017). With W the weight of what was won and L of what was lost, the mean reward is Beta(1 + W, 1 + L), or
 * Gaussian with mean W / (n + 1) and variance 1 / (n + 1), n = W + L. The expected regret is at most (1 + ε) Σ Δ_i ln T / kl(μ_i, μ*)
 * + O(K/ε²) for rewards of 0 and 1, and O(√(K T ln T)) whatever the means.
 *
 * <p>With a discount below 1 each observation first multiplies what is known of its candidates: the memory is 1 / (1 − discount) rounds.
 * A young candidate takes part in one draw of K, so that it has at most an equal share of the choice.
 */
record Thompson(Posterior posterior, double discount) implements MeanPolicy {
  static final String NAME = "thompson";
  static final String GAUSSIAN_NAME = "thompson-gaussian";

  /** The fewest draws that an estimate of a probability should rest on. */
  private static final int SAMPLE = 200;

  /** The same sample of the same state, so that its weights can be computed again. */
  private static final long SAMPLE_SEED = 1933;

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

  /** How often each is played in a sample of 200 and one more for each candidate, so that none has 0. */
  @Override
  public double[] weights(Means state, List<ModelId> candidates, boolean[] young) {
    int[] indexes = state.losses().indexesOf(candidates);
    RandomGenerator random = new SplittableRandom(SAMPLE_SEED);
    double[] shares = new double[indexes.length];
    Arrays.fill(shares, 1.0 / (SAMPLE + shares.length));
    for (int i = 0; i < SAMPLE; i++) {
      shares[draw(state, indexes, young, random)] += 1.0 / (SAMPLE + shares.length);
    }
    return shares;
  }

  @Override
  public Selection select(Means state, List<ModelId> candidates, boolean[] young, int maxAsked, RandomGenerator random) {
    ModelId played = candidates.get(draw(state, state.losses().indexesOf(candidates), young, random));
    return new Selection(List.of(new Selection.Choice(played, 1, 1)), Optional.of(played), propensity());
  }

  @Override
  public Means observe(Means state, Observation observation) {
    return (discount < 1 ? state.faded(observation.candidates(), discount) : state).observe(observation);
  }

  private int draw(Means state, int[] indexes, boolean[] young, RandomGenerator random) {
    boolean allYoung = true;
    for (boolean one : young) {
      allYoung &= one;
    }
    int best = -1;
    double least = 0;
    for (int i = 0; i < indexes.length; i++) {
      if (young[i] && !allYoung && random.nextInt(indexes.length) > 0) {
        continue;
      }
      double drawn = posterior.draw(state.losses().at(indexes[i]), state.counts().at(indexes[i]), random);
      if (best < 0 || drawn < least) {
        best = i;
        least = drawn;
      }
    }
    return best;
  }
}
