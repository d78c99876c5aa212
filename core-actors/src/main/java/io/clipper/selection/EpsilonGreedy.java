package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * Plays the candidate with the least mean loss with probability 1 − ε + ε/K, and each other with ε/K (Sutton and Barto, Reinforcement
 * Learning, 2.2). Of equal means the earlier candidate is the best; one that nothing is known of counts as lossless, so that each is tried.
 * The regret is at least ε T times the mean gap: it never stops exploring.
 */
record EpsilonGreedy(double epsilon) implements MeanPolicy {
  static final String NAME = "epsilon-greedy";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return true;
  }

  @Override
  public double[] weights(Means state, List<ModelId> candidates, boolean[] young) {
    int[] indexes = state.losses().indexesOf(candidates);
    double[] means = new double[indexes.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = state.mean(indexes[i]);
    }
    double[] weights = Shares.ofLeast(means, young);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = epsilon / weights.length + (1 - epsilon) * weights[i];
    }
    return weights;
  }
}
