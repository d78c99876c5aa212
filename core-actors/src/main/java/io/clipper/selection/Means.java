package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/** Each model's sum of losses and how many there were, what was believed before included. */
record Means(Scores losses, Scores counts) implements PolicyState {
  static final Means NONE = new Means(Scores.NONE, Scores.NONE);

  @Override
  public boolean knows(List<ModelId> models) {
    return losses.knows(models);
  }

  @Override
  public Means without(ModelId model) {
    return new Means(losses.without(model), counts.without(model));
  }

  /** 0 for a model of which nothing is known. */
  double mean(int index) {
    return counts.at(index) > 0 ? losses.at(index) / counts.at(index) : 0;
  }

  Means admit(List<Prior> newcomers) {
    Scores moreLosses = losses;
    Scores moreCounts = counts;
    for (Prior prior : newcomers) {
      moreLosses = moreLosses.with(prior.model(), prior.meanLoss() * prior.observations());
      moreCounts = moreCounts.with(prior.model(), prior.observations());
    }
    return new Means(moreLosses, moreCounts);
  }

  /** A mean needs no division by probabilities: they do not depend on the loss. */
  Means observe(Observation observation) {
    if (observation.judged().isEmpty()) {
      return this;
    }
    double[] nextLosses = losses.values();
    double[] nextCounts = counts.values();
    int index = -1;
    for (Observation.Judged judged : observation.judged()) {
      index = losses.indexOf(judged.model(), index + 1);
      nextLosses[index] += judged.loss();
      nextCounts[index]++;
    }
    return new Means(losses.withValues(nextLosses), counts.withValues(nextCounts));
  }

  /** With what is known of these models multiplied. */
  Means faded(List<ModelId> models, double factor) {
    double[] nextLosses = losses.values();
    double[] nextCounts = counts.values();
    for (int index : losses.indexesOf(models)) {
      nextLosses[index] *= factor;
      nextCounts[index] *= factor;
    }
    return new Means(losses.withValues(nextLosses), counts.withValues(nextCounts));
  }

  /** The sums of two that share no observation. */
  Means plus(Means other) {
    return new Means(losses.plus(other.losses, 1), counts.plus(other.counts, 1));
  }
}
