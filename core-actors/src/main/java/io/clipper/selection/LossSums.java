package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;

/**
 * What each model lost in estimate (loss ÷ probability) since a partition began, and in how many rounds: what partitions tell each other
 * where the order of rounds matters.
 */
public record LossSums(Scores losses, long rounds) implements PolicyState {
  public static final LossSums NONE = new LossSums(Scores.NONE, 0);

  @Override
  public boolean knows(List<ModelId> models) {
    return losses.knows(models);
  }

  @Override
  public LossSums without(ModelId model) {
    return new LossSums(losses.without(model), rounds);
  }

  LossSums admit(List<ModelId> candidates) {
    Scores more = losses;
    for (ModelId candidate : candidates) {
      if (!more.knows(List.of(candidate))) {
        more = more.with(candidate, 0);
      }
    }
    return more.size() == losses.size() ? this : new LossSums(more, rounds);
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

  /** What came after an earlier one of the same partition. Sums only grow: where one has shrunk, its model was forgotten meanwhile. */
  LossSums since(LossSums earlier) {
    List<ModelId> models = models();
    double[] more = losses.values();
    for (int i = 0; i < more.length; i++) {
      if (earlier.losses.knows(models.subList(i, i + 1))) {
        double before = earlier.losses.at(earlier.losses.indexOf(models.get(i), i));
        more[i] -= more[i] < before ? 0 : before;
      }
    }
    return new LossSums(losses.withValues(more), rounds - earlier.rounds);
  }

  /** Of those of these models that are there. */
  LossSums of(List<ModelId> wanted) {
    Scores some = losses;
    for (ModelId model : models()) {
      some = wanted.contains(model) ? some : some.without(model);
    }
    return new LossSums(some, rounds);
  }

  private List<ModelId> models() {
    return losses.toList().stream().map(Scores.Score::model).toList();
  }
}
