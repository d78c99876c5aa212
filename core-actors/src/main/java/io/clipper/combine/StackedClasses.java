package io.clipper.combine;

import io.clipper.combine.Labelled.Opinion;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Stacking of classifiers by an online softmax regression on their logarithms, p(c) ∝ Π_i p_i(c)^β_i (Wolpert 1992; van der Laan, Polley,
 * Hubbard: Super learner, 2007). The exponents follow the gradient of the log loss, AdaGrad's way, and stay at least 0. The answer is the
 * regression's while it is ahead of the plain average in progressive log loss, and the plain average's while it is not.
 *
 * @param rate of the first step
 */
record StackedClasses(double rate) implements LearningCombiner<StackedClasses.Pool> {
  private static final double LEAST_PROBABILITY = 1e-6;

  /**
   * @param exponents of the models, in the order in which they came
   * @param lead by how much log loss the regression is behind the plain average; below 0 it is ahead
   */
  record Pool(List<Exponent> exponents, double lead) implements CombinerState {
    static final Pool NONE = new Pool(List.of(), 0);

    Pool {
      exponents = List.copyOf(exponents);
    }

    Optional<Exponent> of(ModelId model) {
      return exponents.stream().filter(one -> one.model().equals(model)).findFirst();
    }

    /** A newcomer has the mean of the others' exponents; the first have equal ones, which are the geometric mean. */
    double exponent(ModelId model, int together) {
      return of(model)
          .map(Exponent::value)
          .orElseGet(() -> exponents.stream().mapToDouble(Exponent::value).average().orElse(1.0 / together));
    }
  }

  /** @param squares the sum of its squared gradients */
  record Exponent(ModelId model, double value, double squares) {}

  @Override
  public Class<Pool> stateType() {
    return Pool.class;
  }

  @Override
  public Pool start() {
    return Pool.NONE;
  }

  @Override
  public Combiner with(Pool state) {
    return new Stacked(state);
  }

  @Override
  public Pool observe(Pool state, Labelled labelled) {
    List<Opinion> opinions = labelled.opinions();
    if (opinions.isEmpty()) {
      return state;
    }
    int truth = labelled.classes().indexOf(labelled.label());
    double[][] logs = opinions.stream().map(StackedClasses::logs).toArray(double[][]::new);
    double[] exponents = opinions.stream().mapToDouble(one -> state.exponent(one.model(), opinions.size())).toArray();
    double[] pool = pool(logs, exponents);
    List<Exponent> next = new ArrayList<>(state.exponents());
    double plain = 0;
    for (int i = 0; i < exponents.length; i++) {
      ModelId model = opinions.get(i).model();
      double squares = state.of(model).map(Exponent::squares).orElse(0.0);
      double expected = 0;
      for (int c = 0; c < pool.length; c++) {
        expected += pool[c] * logs[i][c];
      }
      double gradient = expected - logs[i][truth];
      squares += gradient * gradient;
      double step = squares > 0 ? rate * gradient / Math.sqrt(squares) : 0;
      next.removeIf(one -> one.model().equals(model));
      next.add(new Exponent(model, Math.max(0, exponents[i] - step), squares));
      plain += opinions.get(i).values().get(truth) / exponents.length;
    }
    double loss = -StrictMath.log(Math.max(pool[truth], LEAST_PROBABILITY));
    double plainLoss = -StrictMath.log(Math.max(plain, LEAST_PROBABILITY));
    return new Pool(next, Stacking.MEMORY * state.lead() + loss - plainLoss);
  }

  private static double[] logs(Opinion opinion) {
    return opinion.values().stream().mapToDouble(value -> StrictMath.log(Math.max(value, LEAST_PROBABILITY))).toArray();
  }

  /** Softmax of the weighted sums of logarithms. */
  private static double[] pool(double[][] logs, double[] exponents) {
    double[] pool = new double[logs[0].length];
    double greatest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < pool.length; c++) {
      for (int i = 0; i < logs.length; i++) {
        pool[c] += exponents[i] * logs[i][c];
      }
      greatest = Math.max(greatest, pool[c]);
    }
    double sum = 0;
    for (int c = 0; c < pool.length; c++) {
      pool[c] = StrictMath.exp(pool[c] - greatest);
      sum += pool[c];
    }
    for (int c = 0; c < pool.length; c++) {
      pool[c] /= sum;
    }
    return pool;
  }

  private record Stacked(Pool state) implements Combiner {
    @Override
    public String name() {
      return Stacking.NAME;
    }

    @Override
    public Optional<Combined> combine(Ballot ballot) {
      if (state.lead() >= 0) {
        return Pooled.answer(ballot, Plausibility.of(ballot.votes()));
      }
      ToDoubleFunction<ModelId> exponent = model -> state.exponent(model, ballot.asked());
      Ballot weighed = Reweighed.by(ballot, exponent);
      return Pooled.answer(weighed, Plausibility.of(weighed.votes()).map(linear -> pooled(weighed, linear.classes())));
    }

    /** Those that did not answer would have sharpened the pool: the others' exponents grow until their sum is what it would have been. */
    private ClassProbabilities pooled(Ballot weighed, List<String> classes) {
      List<double[]> logs = new ArrayList<>();
      List<Double> exponents = new ArrayList<>();
      double sum = 0;
      for (Vote vote : weighed.votes()) {
        Optional<ClassProbabilities> given = Plausibility.of(vote.output(), classes);
        if (given.isPresent()) {
          logs.add(classes.stream().mapToDouble(label -> StrictMath.log(Math.max(given.get().of(label), LEAST_PROBABILITY))).toArray());
          exponents.add(vote.weight());
          sum += vote.weight();
        }
      }
      double grown = sum > 0 ? weighed.weightAsked() / sum : 1;
      return new ClassProbabilities(
          classes, pool(logs.toArray(double[][]::new), exponents.stream().mapToDouble(one -> grown * one).toArray()));
    }
  }
}
