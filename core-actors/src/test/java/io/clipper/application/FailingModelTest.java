package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.feedback.Judging;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.Outcome;
import io.clipper.feedback.Loss;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Learner;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The most accurate of five models fails in a way of its own; labels come for every query. Queries that nobody answers get the default: seldom
 * after 200 labels, as the model is asked or played less and less.
 */
class FailingModelTest {
  private static final List<ModelId> MODELS =
      List.of(new ModelId("best", "1"), new ModelId("b", "1"), new ModelId("c", "1"), new ModelId("d", "1"), new ModelId("e", "1"));
  private static final ModelId BEST = MODELS.getFirst();
  private static final double LATENESS_LOSS = 0.5;
  private static final Judging JUDGING = new Judging(Loss.ZERO_ONE, 1, LATENESS_LOSS);
  private static final int CLASSES = 10;
  private static final double ERROR_OF_THE_BEST = 0.02;
  private static final double ERROR = 0.05;
  private static final int FIRST_LABELS = 200;
  private static final int LABELS = 2_200;
  private static final int RUNS = 20;
  private static final int EVERYONE = MODELS.size();

  enum Failure {
    ALWAYS_LATE(LATENESS_LOSS + (1 - LATENESS_LOSS) * ERROR_OF_THE_BEST),
    NEVER_ANSWERS(1),
    NO_ANSWER_FOR_ONE_CLASS(1.0 / CLASSES + (1 - 1.0 / CLASSES) * ERROR_OF_THE_BEST);

    /** How much more the model loses than the others. */
    private final double gap;

    Failure(double loss) {
      this.gap = loss - ERROR;
    }
  }

  /** Beside the heaviest model one by lot is asked: where nothing is learned, the one that fails and, in a fourth of the queries, another. */
  @ParameterizedTest
  @EnumSource
  void withoutLearningManyGetTheDefault(Failure failure) {
    assertThat(run("uniform", 2, 2, failure).defaults).isGreaterThan(failure == Failure.NO_ANSWER_FOR_ONE_CLASS ? .02 : .2);
  }

  @ParameterizedTest
  @EnumSource
  void anEnsembleHasAnAnswerEvenWhereItAsksButTwo(Failure failure) {
    assertThat(run("fixed-share", 2, 2, failure).defaults).isLessThanOrEqualTo(.01);
  }

  /**
   * Of K models of which one loses Δ more than the others, Exp3 with η_t = √(ln K/(K t)) plays that one with 1/(1 + (K−1) e^{Δ √(t ln K/K)})
   * after t labels, the noise of its estimates aside, which is worth some half more in the mean: it falls to zero, at once for a model that
   * never answers and slowly for one that is hardly worse.
   */
  @ParameterizedTest
  @EnumSource
  void aPolicyThatPlaysOneStopsPlayingIt(Failure failure) {
    Result result = run("exp3", EVERYONE, 1, failure);
    double floor = 1 / (1 + (EVERYONE - 1) * Math.exp(failure.gap * Math.sqrt(LABELS * Math.log(EVERYONE) / EVERYONE)));

    assertThat(result.defaults).isLessThanOrEqualTo(.01);
    assertThat(result.weight).isLessThanOrEqualTo(Math.max(.005, 1.6 * floor));
  }

  /**
   * @param defaults the share of queries without an answer, after the first labels
   * @param weight the failing model's, in the end
   */
  private record Result(double defaults, double weight) {}

  /** The mean of some runs in which the first so many models fail. */
  private static Result run(String policy, int maxAsked, int failing, Failure failure) {
    int defaults = 0;
    double weight = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      Random random = new Random(seed);
      Learner learner = Learner.start(new PolicySettings(policy)).admit(MODELS, Map.of());
      for (int label = 0; label < LABELS; label++) {
        long truth = random.nextInt(CLASSES);
        Selection selection = learner.select(MODELS, maxAsked, random);
        List<Asked> asked = new ArrayList<>();
        boolean answered = false;
        for (Selection.Choice choice : selection.asked()) {
          Outcome outcome = outcome(choice.model(), truth, MODELS.indexOf(choice.model()) < failing ? Optional.of(failure) : Optional.empty(), random);
          asked.add(new Asked(choice.model(), choice.probability(), outcome));
          answered |= outcome instanceof Gave gave && !gave.late();
        }
        defaults += label >= FIRST_LABELS && !answered ? 1 : 0;
        learner = learner.observe(JUDGING.byLabel(asked, MODELS, Long.toString(truth)));
      }
      weight += Objects.requireNonNull(learner.weights(MODELS).get(BEST));
    }
    return new Result((double) defaults / RUNS / (LABELS - FIRST_LABELS), weight / RUNS);
  }

  private static Outcome outcome(ModelId model, long label, Optional<Failure> failure, Random random) {
    double error = model.equals(BEST) ? ERROR_OF_THE_BEST : ERROR;
    Output output = Output.of(random.nextDouble() < error ? (label + 1) % CLASSES : label);
    if (failure.isEmpty()) {
      return new Gave(output, false);
    }
    return switch (failure.get()) {
      case ALWAYS_LATE -> new Gave(output, true);
      case NEVER_ANSWERS -> new Missing();
      case NO_ANSWER_FOR_ONE_CLASS -> label == 0 ? new Missing() : new Gave(output, false);
    };
  }
}
