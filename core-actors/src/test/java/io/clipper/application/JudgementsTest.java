package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.LearningSettings;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Features;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.Propensity;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JudgementsTest {
  private static final ModelId RIGHT = new ModelId("right", "1");
  private static final ModelId WRONG = new ModelId("wrong", "1");
  private static final ModelId LATE = new ModelId("late", "1");
  private static final ModelId SILENT = new ModelId("silent", "1");
  private static final ModelId CROWDED = new ModelId("crowded", "1");
  private static final LoggedQuery QUERY =
      new LoggedQuery(
          "digits",
          0,
          Optional.empty(),
          List.of(
              new Asked(RIGHT, 0.5, new Gave(Output.of(3L), false)),
              new Asked(WRONG, 1, new Gave(Output.of("8"), false)),
              new Asked(LATE, 1, new Gave(Output.of(3.0), true)),
              new Asked(SILENT, 1, new Missing()),
              new Asked(CROWDED, 1, new NotAdmitted())),
          Optional.of(new LoggedQuery.Played(RIGHT, 0.25)),
          List.of(RIGHT),
          List.of(RIGHT, WRONG, LATE, SILENT, CROWDED));

  @Test
  void aLabelJudgesEveryModelThatWasAskedExceptWhereAdmissionTurnedItAway() {
    assertThat(judged(new Feedback.Label("3")))
        .containsExactly(
            new Judged(RIGHT, 0, 0.5), new Judged(WRONG, 1, 1), new Judged(LATE, 0.5, 1), new Judged(SILENT, 1, 1));
  }

  @Test
  void aRewardJudgesTheModelWhoseAnswerWasGiven() {
    assertThat(judged(new Feedback.Reward(0.75))).containsExactly(new Judged(RIGHT, 0.25, 0.25));
  }

  @Test
  void aRewardForAVoteStaysWithTheHeaviestWinnersOwnRecord() {
    LoggedQuery voted =
        new LoggedQuery("digits", 0, Optional.empty(), QUERY.asked(), Optional.empty(), List.of(RIGHT), QUERY.candidates());

    Observation observation = Judgements.lesson(voted, feedback(new Feedback.Reward(1)), LearningSettings.DEFAULT).observation();

    assertThat(observation.judged()).containsExactly(new Judged(RIGHT, 0, 0.5));
    assertThat(observation.candidates()).containsExactly(RIGHT);
  }

  @Test
  void aLossForADefaultAnswerJudgesNobody() {
    LoggedQuery defaulted = new LoggedQuery("digits", 0, Optional.empty(), QUERY.asked(), Optional.empty(), List.of(), QUERY.candidates());

    assertThat(
            Judgements.lesson(defaulted, feedback(new Feedback.Loss(1)), LearningSettings.DEFAULT).observation().judged())
        .isEmpty();
  }

  @Test
  void whatIsTaughtStandsBesideTheQuerysFeatures() {
    LoggedQuery featured =
        new LoggedQuery(
            "digits", 0, Optional.empty(), QUERY.asked(), QUERY.played(), QUERY.winners(), QUERY.candidates(), Features.of(1, 2),
            Propensity.EXACT);

    assertThat(Judgements.lesson(featured, feedback(new Feedback.Label("3")), LearningSettings.DEFAULT).observation().features())
        .contains(Features.of(1, 2));
  }

  private static List<Judged> judged(Feedback.Judgement judgement) {
    return Judgements.lesson(QUERY, feedback(judgement), LearningSettings.DEFAULT).observation().judged();
  }

  private static Feedback feedback(Feedback.Judgement judgement) {
    return new Feedback("digits", new Feedback.OfQuery(0), judgement, Optional.empty(), Optional.empty());
  }
}
