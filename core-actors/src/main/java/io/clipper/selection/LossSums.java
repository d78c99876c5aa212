package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * What each model lost in estimate (loss ÷ probability) since a partition began, and in how many rounds: what partitions tell each other
 * where the order of rounds matters.
 */
record LossSums(Scores losses, long rounds) implements PolicyState {
  static final LossSums NONE = new LossSums(Scores.NONE, 0);

  @Override
  public boolean knows(List<ModelId> models) {
    return losses.knows(models);
  }

  @Override
  public LossSums without(ModelId model) {
    return new LossSums(losses.without(model), rounds);
  }

  LossSums admit(List<Prior> newcomers) {
    Scores more = losses;
    for (Prior prior : newcomers) {
      more = more.with(prior.model(), 0);
    }
    return new LossSums(more, rounds);
  }

  LossSums observe(Observation observation) {
    if (observation.judged().isEmpty()) {
      return this;
    }
    double[] next = losses.values();
    for (Observation.Judged judged : observation.judged()) {
      next[losses.indexOf(judged.model(), 0)] += Shares.estimate(judged.loss(), judged.probability());
    }
    return new LossSums(losses.withValues(next), rounds + 1);
  }

  /** What came after an earlier one of the same partition. */
  LossSums since(LossSums earlier) {
    return new LossSums(losses.plus(earlier.losses, -1), rounds - earlier.rounds);
  }
}
