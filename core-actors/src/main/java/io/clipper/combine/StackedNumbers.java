package io.clipper.combine;

import io.clipper.combine.Labelled.Opinion;
import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stacking of numbers by recursive least squares on how far each model is from their mean: ŷ = ȳ + Σ β_i (y_i − ȳ). The coefficients are
 * thus shares of a weighted mean, whatever unit and offset the numbers have, and a model that did not answer is taken to agree with the
 * others. The answer is the regression's while it is ahead of the plain mean in progressive squared error, and the plain mean's while it is
 * not.
 *
 * @param forgetting λ, the memory in labels being 1/(1−λ): the coefficients are believed to wander, so that old labels count less (a random
 *     walk rather than a factor, under which directions that no label exercises would grow without bound)
 */
record StackedNumbers(double forgetting) implements LearningCombiner<StackedNumbers.Regression> {
  /**
   * @param models in the order in which they came
   * @param coefficients β, one for each
   * @param covariance P of recursive least squares, row by row, as large as the square of the models
   * @param spread of the models around their mean, in squares, as it usually is
   * @param lead the squares by which the regression is behind the plain mean; below 0 it is ahead
   */
  record Regression(List<ModelId> models, List<Double> coefficients, List<Double> covariance, double spread, double lead)
      implements CombinerState {
    static final Regression NONE = new Regression(List.of(), List.of(), List.of(), 0, 0);

    Regression {
      models = List.copyOf(models);
      coefficients = List.copyOf(coefficients);
      covariance = List.copyOf(covariance);
    }

    /** With models in it that it does not know, each with β = 0, which is worth one label. */
    Regression knowing(List<Opinion> opinions) {
      List<ModelId> all = new ArrayList<>(models);
      opinions.stream().map(Opinion::model).filter(model -> !models.contains(model)).forEach(all::add);
      if (all.size() == models.size()) {
        return this;
      }
      int size = all.size();
      List<Double> more = new ArrayList<>(coefficients);
      List<Double> wider = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          boolean known = i < models.size() && j < models.size();
          wider.add(known ? covariance.get(i * models.size() + j) : i == j ? 1 / spread : 0.0);
        }
        if (i >= models.size()) {
          more.add(0.0);
        }
      }
      return new Regression(all, more, wider, spread, lead);
    }

    double coefficient(ModelId model) {
      int index = models.indexOf(model);
      return index < 0 ? 0 : coefficients.get(index);
    }
  }

  @Override
  public Class<Regression> stateType() {
    return Regression.class;
  }

  @Override
  public Regression start() {
    return Regression.NONE;
  }

  @Override
  public Combiner with(Regression state) {
    return new Stacked(state);
  }

  @Override
  public Regression observe(Regression state, Labelled labelled) {
    List<Opinion> opinions = labelled.opinions();
    if (opinions.isEmpty() || labelled.number().isEmpty()) {
      return state;
    }
    double mean = opinions.stream().mapToDouble(one -> one.values().getFirst()).average().orElseThrow();
    double spread = opinions.stream().mapToDouble(one -> Math.pow(one.values().getFirst() - mean, 2)).average().orElseThrow();
    // Where all say the same there is nothing to choose, and beyond the range of doubles nothing to compute.
    if (!(spread > 1e-200 && spread < 1e200)) {
      return state;
    }
    double usual = state.spread() > 0 ? forgetting * state.spread() + (1 - forgetting) * spread : spread;
    Regression known = new Regression(state.models(), state.coefficients(), state.covariance(), usual, state.lead()).knowing(opinions);
    int size = known.models().size();
    double[] distance = new double[size];
    for (Opinion opinion : opinions) {
      distance[known.models().indexOf(opinion.model())] = opinion.values().getFirst() - mean;
    }
    double[] gain = new double[size];
    double noise = 1;
    double moved = 0;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        gain[i] += known.covariance().get(i * size + j) * distance[j];
      }
      noise += gain[i] * distance[i];
      moved += known.coefficients().get(i) * distance[i];
    }
    double plain = labelled.number().getAsDouble() - mean;
    double error = plain - moved;
    List<Double> coefficients = new ArrayList<>(size);
    List<Double> covariance = new ArrayList<>(size * size);
    double wandering = (1 - forgetting) * (1 - forgetting) / usual;
    for (int i = 0; i < size; i++) {
      coefficients.add(known.coefficients().get(i) + gain[i] / noise * error);
      for (int j = 0; j < size; j++) {
        covariance.add(known.covariance().get(i * size + j) - gain[i] * gain[j] / noise + (i == j ? wandering : 0));
      }
    }
    double lead = Stacking.MEMORY * known.lead() + error * error - plain * plain;
    return new Regression(known.models(), coefficients, covariance, usual, lead);
  }

  private record Stacked(Regression state) implements Combiner {
    @Override
    public String name() {
      return Stacking.NAME;
    }

    /** A sum has no class and no probability. */
    @Override
    public boolean canSay(Optional<Confidence> setting, int asked, boolean probabilities) {
      return Confidence.canBeSaid(setting, asked, false);
    }

    @Override
    public Optional<Combined> combine(Ballot ballot) {
      Numbers numbers = Numbers.of(ballot);
      if (numbers.isEmpty() || state.lead() >= 0) {
        return new WeightedMean().combine(ballot);
      }
      double mean = 0;
      for (int i = 0; i < numbers.size(); i++) {
        mean += numbers.at(i) / numbers.size();
      }
      double stacked = mean;
      for (int i = 0; i < numbers.size(); i++) {
        stacked += state.coefficient(numbers.ballot().votes().get(i).model()) * (numbers.at(i) - mean);
      }
      return Double.isFinite(stacked) ? Optional.of(numbers.answered(stacked)) : new WeightedMean().combine(ballot);
    }
  }
}
