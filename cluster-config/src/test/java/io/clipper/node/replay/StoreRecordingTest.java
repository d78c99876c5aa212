package io.clipper.node.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.application.Lesson;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.feedback.LoggedQuery.Played;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.node.replay.PlayedLog.Round;
import io.clipper.node.replay.Recording.Query;
import io.clipper.selection.Features;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.Propensity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is made of the lessons and the queries of a store. */
class StoreRecordingTest {
  private static final ModelId A = new ModelId("a", "1");
  private static final ModelId B = new ModelId("b", "1");
  private static final List<ModelId> MODELS = List.of(A, B);
  private static final Features FEATURES = Features.of(.5, -1);
  private static final Gave THREE = new Gave(Output.of("3"), false);
  private static final Gave LATE = new Gave(Output.of("8"), true);

  private final List<Lesson> lessons = new ArrayList<>();
  private final Map<Long, LoggedQuery> queries = new HashMap<>();

  @Test
  void whatWasAskedAndLabelledIsReplayedAsItWas() {
    asked(1, new Asked(A, 1, THREE), new Asked(B, 1, LATE));
    labelled(1, "8", A, B);
    asked(2, new Asked(A, 1, new Missing()), new Asked(B, 1, new NotAdmitted()));
    labelled(2, "5", A);

    StoreRecording recorded = recorded();

    assertThat(recorded.partial()).isZero();
    assertThat(recorded.recording().models()).isEqualTo(MODELS);
    assertThat(recorded.recording().queries())
        .containsExactly(
            new Query(Optional.of("ann"), FEATURES, List.of(THREE, LATE), "8"),
            new Query(Optional.of("ann"), FEATURES, List.of(new Missing(), new NotAdmitted()), "5"));
  }

  @Test
  void whatCannotBeJoinedOrDoesNotSayAllIsLeftOutAndCounted() {
    labelled(1, "3", A, B);
    asked(2, new Asked(A, .5, THREE));
    labelled(2, "3", A);
    asked(3, new Asked(A, 1, THREE), new Asked(B, 1, THREE));
    lessons.add(lesson(3, Optional.empty(), A));
    asked(4, new Asked(A, 1, THREE), new Asked(B, 1, THREE));
    labelled(4, "3", A); // what was b then is another today

    assertThatThrownBy(this::recorded)
        .hasMessage(
            "nothing to replay of 'shop': the journal has 4 pieces of feedback, the prediction log has not the queries of 1 of them, and 3 are"
                + " no label or of queries that did not ask all models (--off-policy estimates from those)");

    asked(5, new Asked(A, 1, THREE), new Asked(B, 1, THREE));
    labelled(5, "3", A, B);

    assertThat(recorded().recording().queries()).hasSize(1);
    assertThat(recorded().partial()).isEqualTo(3);
    assertThat(feedback().withoutQuery()).isEqualTo(1);
  }

  @Test
  void whatPlayedOneModelIsALogOfWhoWasPlayed() {
    played(1, A, .25, Propensity.EXACT);
    lessons.add(lesson(1, Optional.empty(), A));
    played(2, B, .75, Propensity.ESTIMATED);
    labelled(2, "3", A, B);
    played(3, B, 1, Propensity.DETERMINISTIC);
    labelled(3, "3", A);
    asked(4, new Asked(A, 1, THREE), new Asked(B, 1, THREE));
    labelled(4, "3", A, B);

    assertThat(PlayedLog.of(feedback()).rounds())
        .containsExactly(
            new Round(Optional.of("ann"), FEATURES, MODELS, A, .25, .5, Propensity.EXACT),
            new Round(Optional.of("ann"), FEATURES, MODELS, B, .75, .5, Propensity.ESTIMATED));
  }

  @Test
  void whereNobodyWasDrawnThereIsNothingToEstimateFrom() {
    asked(1, new Asked(A, 1, THREE), new Asked(B, 1, THREE));
    labelled(1, "3", A, B);

    assertThatThrownBy(() -> PlayedLog.of(feedback())).hasMessageContaining("none of 1 pieces of feedback judges a model that a policy drew");
  }

  private StoreRecording recorded() {
    return StoreRecording.of(feedback());
  }

  private RecordedFeedback feedback() {
    return RecordedFeedback.of("shop", lessons, queries);
  }

  private void asked(long id, Asked... asked) {
    log(id, List.of(asked), Optional.empty(), Propensity.EXACT);
  }

  private void played(long id, ModelId model, double probability, Propensity propensity) {
    List<Asked> both = List.of(new Asked(A, .9, THREE), new Asked(B, .9, THREE));
    log(id, both, Optional.of(new Played(model, probability)), propensity);
  }

  private void log(long id, List<Asked> asked, Optional<Played> played, Propensity propensity) {
    queries.put(id, new LoggedQuery("shop", id, Optional.empty(), asked, played, List.of(A), MODELS, FEATURES, propensity));
  }

  private void labelled(long id, String label, ModelId... judged) {
    lessons.add(lesson(id, Optional.of(label), judged));
  }

  private static Lesson lesson(long id, Optional<String> label, ModelId... models) {
    List<Judged> judged = new ArrayList<>();
    for (ModelId model : models) {
      judged.add(new Judged(model, .5, 1));
    }
    return new Lesson(id, Optional.of("ann"), Optional.empty(), new Observation(judged, MODELS), label, Optional.empty());
  }
}
