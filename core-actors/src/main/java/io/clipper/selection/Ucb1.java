package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * Plays the candidate with the greatest upper bound of its mean reward, μ_i + √(c ln t / n_i) with c = 2 (UCB1: Auer, Cesa-Bianchi, Fischer,
 * Machine Learning 2002); those that were never observed come first. What is believed of a newcomer counts as observations. With c = 2 the
 * expected regret is at most 8 Σ ln T / Δ_i + (1 + π²/3) Σ Δ_i.
 *
 * <p>It draws no lots, so that nothing can be learned from its log about models it did not play; only a young candidate that would be played
 * is, as long as it is young, played with probability 1/K.
 */
record Ucb1(double exploration) implements MeanPolicy {
  static final String NAME = "ucb1";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return true;
  }

  @Override
  public Propensity propensity() {
    return Propensity.DETERMINISTIC;
  }

  /** Until there is word of some, those of which there is none share equally: where feedback is late, one alone would be played for long. */
  @Override
  public double[] weights(Means state, List<ModelId> candidates, boolean[] young) {
    int[] indexes = state.losses().indexesOf(candidates);
    double rounds = 1;
    int unobserved = 0;
    for (int index : indexes) {
      rounds += state.counts().at(index);
      unobserved += state.counts().at(index) > 0 ? 0 : 1;
    }
    double logRounds = Math.log(rounds);
    double[] values = new double[indexes.length];
    for (int i = 0; i < values.length; i++) {
      double count = state.counts().at(indexes[i]);
      if (unobserved > 0) {
        values[i] = count > 0 ? 0 : 1.0 / unobserved;
      } else {
        values[i] = state.mean(indexes[i]) - Math.sqrt(exploration * logRounds / count);
      }
    }
    return unobserved > 0 ? Shares.capped(values, young) : Shares.ofLeast(values, young);
  }
}
