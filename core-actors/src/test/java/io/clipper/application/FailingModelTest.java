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
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The most accurate of five models fails in a way of its own; labels come for every query. */
class FailingModelTest {
  private static final List<ModelId> MODELS =
      List.of(new ModelId("best", "1"), new ModelId("b", "1"), new ModelId("c", "1"), new ModelId("d", "1"), new ModelId("e", "1"));
  private static final ModelId BEST = MODELS.getFirst();
  private static final Judging JUDGING = new Judging(Loss.ZERO_ONE, 1, 0.5);
  private static final int CLASSES = 10;

  enum Failure {
    ALWAYS_LATE,
    NEVER_ANSWERS,
    NO_ANSWER_FOR_ONE_CLASS
  }

  private final Random random = new Random(17);

  @ParameterizedTest
  @EnumSource
  void anEnsembleAnswersAllTheSame(Failure failure) {
    Run run = run(new PolicySettings("fixed-share", Map.of()), failure, 1000);

    assertThat(run.defaultsAfter200).isLessThanOrEqualTo(8);
    assertThat(run.learner.weights(MODELS).values().stream().mapToDouble(Double::doubleValue).sum()).isCloseTo(1, Offset.offset(1e-12));
  }

  /** A model that fails on one class in ten loses about 0.1 more than it did, and is no failing model: it stays as good as the rest. */
  @ParameterizedTest
  @EnumSource(names = {"ALWAYS_LATE", "NEVER_ANSWERS"})
  void aPolicyThatPlaysStopsPlayingIt(Failure failure) {
    Run run = run(new PolicySettings("exp3", Map.of()), failure, 4000);

    assertThat(Objects.requireNonNull(run.learner.weights(MODELS).get(BEST))).isLessThan(0.001);
    assertThat(run.playedLast1000).isLessThanOrEqualTo(5);
  }

  private static final class Run {
    private Learner learner;
    private int defaultsAfter200;
    private int playedLast1000;

    Run(Learner learner) {
      this.learner = learner;
    }
  }

  private Run run(PolicySettings policy, Failure failure, int rounds) {
    Run run = new Run(Learner.start(policy).admit(MODELS, Map.of()));
    for (int round = 0; round < rounds; round++) {
      long label = random.nextInt(CLASSES);
      Selection selection = run.learner.select(MODELS, 8, random);
      List<Asked> asked = new ArrayList<>();
      boolean answered = false;
      for (Selection.Choice choice : selection.asked()) {
        Outcome outcome = outcome(choice.model(), label, failure);
        asked.add(new Asked(choice.model(), choice.probability(), outcome));
        answered |= outcome instanceof Gave gave && !gave.late();
      }
      run.defaultsAfter200 += round >= 200 && !answered ? 1 : 0;
      run.playedLast1000 += round >= rounds - 1000 && selection.played().filter(BEST::equals).isPresent() ? 1 : 0;
      run.learner = run.learner.observe(JUDGING.byLabel(asked, MODELS, Long.toString(label)));
    }
    return run;
  }

  private Outcome outcome(ModelId model, long label, Failure failure) {
    double error = model.equals(BEST) ? 0.02 : 0.15;
    Output output = Output.of(random.nextDouble() < error ? (label + 1) % CLASSES : label);
    if (!model.equals(BEST)) {
      return new Gave(output, false);
    }
    return switch (failure) {
      case ALWAYS_LATE -> new Gave(output, true);
      case NEVER_ANSWERS -> new Missing();
      case NO_ANSWER_FOR_ONE_CLASS -> label == 0 ? new Missing() : new Gave(output, false);
    };
  }
}
