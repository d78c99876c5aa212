package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.List;

/**
 * Each model's regression of its loss on a query's features.
 *
 * @param rounds how many observations there were
 */
record Regressions(List<Regression> regressions, long rounds) implements PolicyState {
  static final Regressions NONE = new Regressions(List.of(), 0);

  Regressions {
    regressions = List.copyOf(regressions);
  }

  @Override
  public boolean knows(List<ModelId> models) {
    return models.stream().allMatch(model -> find(model) >= 0);
  }

  @Override
  public Regressions without(ModelId model) {
    return new Regressions(regressions.stream().filter(one -> !one.model().equals(model)).toList(), rounds);
  }

  Regressions admit(List<Prior> newcomers) {
    List<Regression> more = new ArrayList<>(regressions);
    newcomers.forEach(prior -> more.add(Regression.of(prior)));
    return new Regressions(more, rounds);
  }

  Regression.Estimate[] estimates(List<ModelId> candidates, Features features) {
    double[] row = features.withOne();
    Regression.Estimate[] estimates = new Regression.Estimate[candidates.size()];
    for (int i = 0; i < estimates.length; i++) {
      estimates[i] = regressions.get(indexOf(candidates.get(i))).at(row);
    }
    return estimates;
  }

  /** A regression needs no division by probabilities: they depend on the features, and not on the loss at given ones. */
  Regressions observe(Observation observation) {
    if (observation.judged().isEmpty()) {
      return this;
    }
    double[] row = observation.features().orElse(Features.NONE).withOne();
    List<Regression> next = new ArrayList<>(regressions);
    for (Observation.Judged judged : observation.judged()) {
      int index = indexOf(judged.model());
      next.set(index, next.get(index).after(row, judged.loss()));
    }
    return new Regressions(next, rounds + 1);
  }

  Regressions plus(Regressions other) {
    List<Regression> sums = new ArrayList<>(regressions);
    for (Regression theirs : other.regressions) {
      int index = find(theirs.model());
      if (index < 0) {
        sums.add(theirs);
      } else {
        sums.set(index, sums.get(index).plus(theirs));
      }
    }
    return new Regressions(sums, rounds + other.rounds);
  }

  private int indexOf(ModelId model) {
    int index = find(model);
    if (index < 0) {
      throw new IllegalArgumentException("%s was not admitted".formatted(model));
    }
    return index;
  }

  private int find(ModelId model) {
    for (int i = regressions.size() - 1; i >= 0; i--) {
      if (regressions.get(i).model().equals(model)) {
        return i;
      }
    }
    return -1;
  }
}
