package io.clipper.node.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.clipper.application.Lesson;
import io.clipper.application.Lesson.Taught;
import io.clipper.combine.Labelled;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.Outcome;
import io.clipper.feedback.Loss;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.node.replay.Recording.Truth;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoreRecordingTest {
  private static final ModelId A = new ModelId("a", "1");
  private static final ModelId B = new ModelId("b", "1");
  private static final List<ModelId> MODELS = List.of(A, B);

  private final List<Lesson> lessons = new ArrayList<>();
  private final Map<Long, LoggedQuery> answers = new HashMap<>();

  @Test
  void whoWasRightTellsTheLabel() {
    answered(1, new Gave(Output.of("3"), false), new Gave(Output.of("8"), false));
    judged(1, 1, 0);
    answered(2, new Gave(Output.of("3"), false), new Missing());
    judged(2, 1, 1);

    List<Recording.Query> queries = recorded(Loss.ZERO_ONE).recording().queries();

    assertThat(queries.getFirst()).isEqualTo(new Recording.Query(List.of(Optional.of(Output.of("3")), Optional.of(Output.of("8"))), new Truth.Label("8")));
    assertThat(queries.getLast()).isEqualTo(new Recording.Query(List.of(Optional.of(Output.of("3")), Optional.empty()), new Truth.Label(StoreRecording.NOBODYS)));
  }

  @Test
  void ofOtherLossesALabelThatWasKeptIsUsedElseWhatEachLost() {
    answered(1, new Gave(Output.of(0.5), false), new Gave(Output.of(0.9), true));
    judged(1, 0.2, 0.6);
    answered(2, new Gave(Output.of(0.5), false), new Gave(Output.of(0.9), false));
    Lesson lesson = lesson(2, List.of(new Judged(A, 0.2, 1), new Judged(B, 0.2, 1)), Optional.of(new Labelled(List.of(), List.of(), "0.7")));
    lessons.add(lesson);

    List<Recording.Query> queries = recorded(Loss.ABSOLUTE).recording().queries();

    assertThat(queries.getFirst().outputs()).containsExactly(Optional.of(Output.of(0.5)), Optional.empty());
    assertThat(queries.getFirst().truth()).isEqualTo(new Truth.Losses(List.of(0.2, 0.6)));
    assertThat(queries.getLast().truth()).isEqualTo(new Truth.Label("0.7"));
  }

  @Test
  void whatCannotBeJoinedOrJudgesNotAllIsLeftOutAndCounted() {
    judged(1, 0, 1);
    answered(2, new Gave(Output.of("3"), false), new Gave(Output.of("8"), false));
    lessons.add(lesson(2, List.of(new Judged(A, 0, 1)), Optional.empty()));
    assertThatThrownBy(() -> recorded(Loss.ZERO_ONE))
        .hasMessage(
            "nothing to replay of 'shop': the journal has 2 pieces of feedback, the prediction log has not the queries of 1 of them, and 1 do not"
                + " judge all models");
    answered(3, new Gave(Output.of("3"), false), new Gave(Output.of("8"), false));
    judged(3, 0, 1);

    StoreRecording recorded = recorded(Loss.ZERO_ONE);

    assertThat(recorded.recording().queries()).hasSize(1);
    assertThat(recorded).extracting(StoreRecording::lessons, StoreRecording::withoutAnswers, StoreRecording::partial).containsExactly(3, 1, 1);
  }

  @Test
  void anotherLossThanTheApplicationsIsRefused() {
    answered(1, new Gave(Output.of("3"), false), new Gave(Output.of("8"), false));
    judged(1, 0.25, 0);

    assertThatThrownBy(() -> recorded(Loss.ZERO_ONE)).hasMessageContaining("a:1 lost 0.25").hasMessageContaining("--loss");
  }

  /** Of a query that both answered, one that plays loses what its model did, and one that weighs the mean. */
  @Test
  void policiesAreReplayedOnLossesAlone() {
    for (long id = 1; id <= 500; id++) {
      answered(id, new Gave(Output.of(0.5), false), new Gave(Output.of(0.9), false));
      judged(id, 0.1, 0.5);
    }
    Replay replay = new Replay(recorded(Loss.ABSOLUTE).recording(), Loss.ABSOLUTE, Optional.empty(), 8, 1);

    assertThat(replay.meanLosses().getFirst()).isCloseTo(0.1, within(1e-9));
    assertThat(replay.meanLosses().getLast()).isCloseTo(0.5, within(1e-9));
    assertThat(meanLoss(replay, "single")).isCloseTo(0.1, within(1e-9));
    assertThat(meanLoss(replay, "uniform")).isCloseTo(0.3, within(1e-9));
    assertThat(meanLoss(replay, "fixed-share")).isBetween(0.1, 0.15);
    assertThat(meanLoss(replay, "exp3")).isBetween(0.1, 0.2);
  }

  private static double meanLoss(Replay replay, String policy) {
    return replay.of(new PolicySettings(policy), new Random(1)).meanLoss();
  }

  private StoreRecording recorded(Loss loss) {
    return StoreRecording.of("shop", lessons, answers, loss);
  }

  private void answered(long id, Outcome a, Outcome b) {
    List<Asked> asked = List.of(new Asked(A, 1, a), new Asked(B, 1, b));
    answers.put(id, new LoggedQuery("shop", id, Optional.empty(), asked, Optional.empty(), List.of(A), MODELS));
  }

  private void judged(long id, double lossOfA, double lossOfB) {
    lessons.add(lesson(id, List.of(new Judged(A, lossOfA, 1), new Judged(B, lossOfB, 1)), Optional.empty()));
  }

  private static Lesson lesson(long id, List<Judged> judged, Optional<Labelled> said) {
    Optional<Taught> taught = said.map(label -> new Taught(label, Optional.empty()));
    return new Lesson(id, Optional.empty(), Optional.empty(), new Observation(judged, MODELS), taught);
  }
}
