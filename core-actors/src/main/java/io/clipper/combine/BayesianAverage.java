package io.clipper.combine;

import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Bayesian model averaging, w_i ∝ w_i^φ p_i(y|x) (Raftery, Kárný, Ettler: Online prediction under model uncertainty via dynamic model
 * averaging, Technometrics 2010). A class has the probability the model gave it; a number the density N(y; ŷ_i, σ_i²) with σ_i² the model's
 * own mean squared error so far. At φ = 1 its log loss is at most ln K above the best model's, on every sequence.
 *
 * @param forgetting φ, the memory in labels being 1/(1−φ)
 */
record BayesianAverage(double forgetting, boolean numbers) implements LearningCombiner<BayesianAverage.Evidence> {
  static final String NAME = "bayesian-average";

  /** A class that a model gave less than this is taken to have had so much: one impossible label does not end a model for ever. */
  private static final double LEAST_PROBABILITY = 1e-6;

  /** No model is heavier than another by more than e^50, so that what has been silent for long can come back. */
  private static final double LONGEST_LEAD = 50;

  /** @param evidences of the models, in the order in which they came */
  record Evidence(List<ModelEvidence> evidences) implements CombinerState {
    static final Evidence NONE = new Evidence(List.of());

    Evidence {
      evidences = List.copyOf(evidences);
    }

    Optional<ModelEvidence> of(ModelId model) {
      return evidences.stream().filter(one -> one.model().equals(model)).findFirst();
    }

    /** A model of which nothing is known yet has the mean of the others' logarithms. */
    double logWeight(ModelId model) {
      return of(model)
          .map(ModelEvidence::logWeight)
          .orElseGet(() -> evidences.stream().mapToDouble(ModelEvidence::logWeight).average().orElse(0));
    }
  }

  /**
   * @param logWeight relative to the heaviest model's
   * @param squares the sum of its squared errors, for numbers
   * @param count how many these are
   */
  record ModelEvidence(ModelId model, double logWeight, double squares, double count) {}

  @Override
  public Class<Evidence> stateType() {
    return Evidence.class;
  }

  @Override
  public Evidence start() {
    return Evidence.NONE;
  }

  @Override
  public Combiner with(Evidence state) {
    return new Averaged(this, state);
  }

  /** Who has no opinion on this label is charged the average of those that have, which leaves its share of the whole as it was. */
  @Override
  public Evidence observe(Evidence state, Labelled labelled) {
    OptionalDouble truth = numbers ? labelled.number() : OptionalDouble.empty();
    if (labelled.opinions().isEmpty() || (numbers && truth.isEmpty())) {
      return state;
    }
    double pooled = numbers ? expectedSquare(state, labelled, truth.orElseThrow()) : 0;
    List<ModelEvidence> judged = new ArrayList<>();
    List<ModelEvidence> silent = new ArrayList<>(state.evidences());
    double mixed = 0;
    double mass = 0;
    for (Labelled.Opinion opinion : labelled.opinions()) {
      ModelEvidence before = state.of(opinion.model()).orElseGet(() -> new ModelEvidence(opinion.model(), state.logWeight(opinion.model()), 0, 0));
      silent.removeIf(one -> one.model().equals(opinion.model()));
      ModelEvidence after = numbers ? number(before, opinion.values().getFirst() - truth.orElseThrow(), pooled) : classed(before, opinion, labelled);
      judged.add(after);
      mass += StrictMath.exp(forgetting * before.logWeight());
      mixed += StrictMath.exp(after.logWeight());
    }
    double average = StrictMath.log(mixed / mass);
    List<ModelEvidence> all = new ArrayList<>();
    for (ModelEvidence one : silent) {
      all.add(new ModelEvidence(one.model(), forgetting * one.logWeight() + average, one.squares(), one.count()));
    }
    all.addAll(judged);
    return normalised(all);
  }

  private ModelEvidence classed(ModelEvidence before, Labelled.Opinion opinion, Labelled labelled) {
    double given = opinion.values().get(labelled.classes().indexOf(labelled.label()));
    double logWeight = forgetting * before.logWeight() + StrictMath.log(Math.max(given, LEAST_PROBABILITY));
    return new ModelEvidence(before.model(), logWeight, 0, 0);
  }

  /** The density is that of the errors before this one, and of one more that is as usual. */
  private ModelEvidence number(ModelEvidence before, double error, double usual) {
    double square = Math.min(error * error, Double.MAX_VALUE / 1e6);
    double logDensity = 0;
    if (usual > 0) {
      double variance = (before.squares() + usual) / (before.count() + 1);
      logDensity = -0.5 * (StrictMath.log(variance / usual) + square / variance);
    }
    double logWeight = forgetting * before.logWeight() + Math.max(logDensity, -LONGEST_LEAD);
    return new ModelEvidence(before.model(), logWeight, forgetting * before.squares() + square, forgetting * before.count() + 1);
  }

  /** The mean square of all models' errors so far; of these errors where they are the first. */
  private static double expectedSquare(Evidence state, Labelled labelled, double truth) {
    double squares = 0;
    double count = 0;
    for (ModelEvidence one : state.evidences()) {
      squares += one.squares();
      count += one.count();
    }
    if (squares > 0) {
      return squares / count;
    }
    return labelled.opinions().stream().mapToDouble(opinion -> Math.pow(opinion.values().getFirst() - truth, 2)).average().orElse(0);
  }

  private static Evidence normalised(List<ModelEvidence> all) {
    double greatest = all.stream().mapToDouble(ModelEvidence::logWeight).max().orElse(0);
    return new Evidence(
        all.stream()
            .map(
                one ->
                    new ModelEvidence(one.model(), Math.max(one.logWeight() - greatest, -LONGEST_LEAD), one.squares(), one.count()))
            .toList());
  }

  /** Weighs the votes by the evidence instead of the policy's weights. */
  private record Averaged(BayesianAverage rule, Evidence evidence) implements Combiner {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public boolean canSay(Optional<Confidence> setting, int asked, boolean probabilities) {
      return Confidence.canBeSaid(setting, asked, probabilities && !rule.numbers());
    }

    @Override
    public Optional<Combined> combine(Ballot ballot) {
      Ballot weighed = Reweighed.by(ballot, model -> StrictMath.exp(evidence.logWeight(model)));
      return rule.numbers() ? new WeightedMean().combine(weighed) : Pooled.answer(weighed, Plausibility.of(weighed.votes()));
    }
  }
}
