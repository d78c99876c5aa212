package io.clipper.combine;

import io.clipper.combine.Labelled.Opinion;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the original does about models that do not answer in time: each is taken to have said what it says on average (Crankshaw et al.,
 * NSDI 2017, 5.2.2). It pulls the answer towards what is usual, and is here to be compared with leaving such models out.
 */
record MeanImputation(boolean numbers) implements LearningCombiner<MeanImputation.Means> {
  static final String NAME = "mean-imputation";

  /** @param means of the models, in the order in which they came */
  record Means(List<Mean> means) implements CombinerState {
    static final Means NONE = new Means(List.of());

    Means {
      means = List.copyOf(means);
    }

    Optional<Mean> of(ModelId model) {
      return means.stream().filter(one -> one.model().equals(model)).findFirst();
    }
  }

  /**
   * @param classes none for numbers
   * @param values the mean probability of each class, or the mean number
   */
  record Mean(ModelId model, List<String> classes, List<Double> values, long count) {
    Mean {
      classes = List.copyOf(classes);
      values = List.copyOf(values);
    }

    double of(String label) {
      int index = classes.indexOf(label);
      return index < 0 ? 0 : values.get(index);
    }
  }

  @Override
  public Class<Means> stateType() {
    return Means.class;
  }

  @Override
  public Means start() {
    return Means.NONE;
  }

  @Override
  public Combiner with(Means state) {
    return new Imputed(numbers, state);
  }

  @Override
  public Means observe(Means state, Labelled labelled) {
    List<Mean> next = new ArrayList<>(state.means());
    for (Opinion opinion : labelled.opinions()) {
      Mean before = state.of(opinion.model()).orElseGet(() -> new Mean(opinion.model(), List.of(), List.of(), 0));
      next.removeIf(one -> one.model().equals(opinion.model()));
      next.add(numbers ? number(before, opinion) : classes(before, opinion, labelled.classes()));
    }
    return new Means(next);
  }

  private static Mean number(Mean before, Opinion opinion) {
    double mean = before.values().isEmpty() ? 0 : before.values().getFirst();
    return new Mean(before.model(), List.of(), List.of(moved(mean, opinion.values().getFirst(), before.count())), before.count() + 1);
  }

  private static Mean classes(Mean before, Opinion opinion, List<String> classes) {
    Set<String> all = new TreeSet<>(before.classes());
    all.addAll(classes);
    List<String> names = List.copyOf(all);
    List<Double> values = new ArrayList<>(names.size());
    for (String name : names) {
      int index = classes.indexOf(name);
      values.add(moved(before.of(name), index < 0 ? 0 : opinion.values().get(index), before.count()));
    }
    return new Mean(before.model(), names, values, before.count() + 1);
  }

  private static double moved(double mean, double value, long count) {
    return mean + (value - mean) / (count + 1);
  }

  private record Imputed(boolean numbers, Means means) implements Combiner {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public boolean canSay(Optional<Confidence> setting, int asked, boolean probabilities) {
      return Confidence.canBeSaid(setting, asked, probabilities && !numbers);
    }

    /** A model of which no mean is known is left out. */
    @Override
    public Optional<Combined> combine(Ballot ballot) {
      List<Vote> all = new ArrayList<>(ballot.votes());
      for (Ballot.Missing missing : ballot.missing()) {
        means.of(missing.model()).map(this::output).ifPresent(output -> all.add(new Vote(missing.model(), missing.weight(), output)));
      }
      return numbers ? number(ballot, all) : Pooled.answer(ballot, Plausibility.of(all));
    }

    /** Only who answered can be with the answer. */
    private Optional<Combined> number(Ballot ballot, List<Vote> all) {
      Numbers arrived = Numbers.of(ballot);
      return arrived.isEmpty()
          ? Optional.empty()
          : Optional.of(arrived.answered(WeightedMean.mean(Numbers.of(ballot.with(all, List.of())))));
    }

    private Output output(Mean mean) {
      if (numbers) {
        return Output.of(mean.values().getFirst());
      }
      double[] values = mean.values().stream().mapToDouble(Double::doubleValue).toArray();
      String usual = mean.classes().get(best(values));
      return new Output(Output.of(usual).tensors(), Optional.of(new ClassProbabilities(mean.classes(), values)));
    }

    private static int best(double[] values) {
      double greatest = Arrays.stream(values).max().orElse(0);
      int best = 0;
      while (values[best] < greatest) {
        best++;
      }
      return best;
    }
  }
}
