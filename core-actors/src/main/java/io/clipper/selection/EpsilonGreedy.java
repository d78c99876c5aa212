package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Plays the candidate with the least mean loss with probability 1 − ε + ε/K, and each other with ε/K (Sutton and Barto, Reinforcement
 * Learning, 2.2). Of equal means the earlier candidate is the best; one that nothing is known of counts as lossless, so that each is tried.
 */
final class EpsilonGreedy implements SelectionPolicy<EpsilonGreedy.Means> {
  static final String NAME = "epsilon-greedy";

  /** Each model's sum of losses and how many there were, what was believed before included. */
  record Means(Scores losses, Scores counts) implements PolicyState {
    @Override
    public Means without(ModelId model) {
      return new Means(losses.without(model), counts.without(model));
    }

    double mean(int index) {
      return counts.at(index) > 0 ? losses.at(index) / counts.at(index) : 0;
    }
  }

  private final double epsilon;

  EpsilonGreedy(double epsilon) {
    this.epsilon = epsilon;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean plays() {
    return true;
  }

  @Override
  public Class<Means> stateType() {
    return Means.class;
  }

  @Override
  public Means start() {
    return new Means(Scores.NONE, Scores.NONE);
  }

  @Override
  public boolean knows(Means state, List<ModelId> candidates) {
    return state.losses().knows(candidates);
  }

  @Override
  public Means admit(Means state, List<ModelId> peers, List<Prior> newcomers) {
    Scores losses = state.losses();
    Scores counts = state.counts();
    for (Prior prior : newcomers) {
      losses = losses.with(prior.model(), prior.meanLoss() * prior.observations());
      counts = counts.with(prior.model(), prior.observations());
    }
    return new Means(losses, counts);
  }

  /**
   * A young candidate that is the best has an equal share of the choice; the rest of the best one's share goes to the best of those that
   * are not young. (In proportion it would go to all others alike, since they all have ε/K.)
   */
  @Override
  public double[] weights(Means state, List<ModelId> candidates, boolean[] young) {
    int size = candidates.size();
    int best = -1;
    int bestGrown = -1;
    double least = 0;
    double leastGrown = 0;
    int[] indexes = state.losses().indexesOf(candidates);
    for (int i = 0; i < size; i++) {
      double mean = state.mean(indexes[i]);
      if (best < 0 || mean < least) {
        best = i;
        least = mean;
      }
      if (!young[i] && (bestGrown < 0 || mean < leastGrown)) {
        bestGrown = i;
        leastGrown = mean;
      }
    }
    double[] weights = new double[size];
    for (int i = 0; i < size; i++) {
      weights[i] = epsilon / size;
    }
    if (bestGrown < 0 || bestGrown == best) {
      weights[best] += 1 - epsilon;
    } else {
      weights[best] += (1 - epsilon) / size;
      weights[bestGrown] += (1 - epsilon) * (size - 1) / size;
    }
    return weights;
  }

  @Override
  public Selection select(List<ModelId> candidates, double[] weights, int maxAsked, RandomGenerator random) {
    return Asking.one(candidates, weights, random);
  }

  /** A mean needs no division by probabilities: they do not depend on the loss. */
  @Override
  public Means observe(Means state, Observation observation) {
    if (observation.judged().isEmpty()) {
      return state;
    }
    double[] losses = state.losses().values();
    double[] counts = state.counts().values();
    int index = -1;
    for (Observation.Judged judged : observation.judged()) {
      index = state.losses().indexOf(judged.model(), index + 1);
      losses[index] += judged.loss();
      counts[index]++;
    }
    return new Means(state.losses().withValues(losses), state.counts().withValues(counts));
  }
}
