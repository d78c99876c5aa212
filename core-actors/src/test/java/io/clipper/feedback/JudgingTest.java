package io.clipper.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgingTest {
  private final ModelId first = new ModelId("a", "1");
  private final ModelId second = new ModelId("b", "1");
  private final ModelId third = new ModelId("c", "1");
  private final List<ModelId> candidates = List.of(first, second, third);
  private final Judging judging = new Judging(Loss.ZERO_ONE, 0.9, 0.25);

  @Test
  void aLabelJudgesEveryModelWhosePredictionIsKnown() {
    List<Asked> asked = List.of(new Asked(first, 1, inTime("x")), new Asked(second, .5, inTime("y")));
    assertThat(judging.byLabel(asked, candidates, "x"))
        .isEqualTo(new Observation(List.of(new Judged(first, 0, 1), new Judged(second, 1, .5)), candidates));
  }

  @Test
  void aMissingAnswerAndALateOneHaveTheirOwnLosses() {
    List<Asked> asked = List.of(new Asked(first, 1, new LoggedQuery.Missing()), new Asked(second, 1, late("x")), new Asked(third, 1, late("y")));
    assertThat(judging.byLabel(asked, candidates, "x").judged()).extracting(Judged::loss).containsExactly(.9, .25, 1.0);
  }

  @Test
  void oneThatWasRefusedByUsIsNeitherJudgedNorACandidate() {
    List<Asked> asked = List.of(new Asked(first, 1, inTime("x")), new Asked(second, 1, new LoggedQuery.NotAdmitted()));
    assertThat(judging.byLabel(asked, candidates, "x"))
        .isEqualTo(new Observation(List.of(new Judged(first, 0, 1)), List.of(first, third)));
  }

  @Test
  void aRewardJudgesOnlyTheModelThatWasPlayed() {
    assertThat(judging.ofPlayed(new Asked(second, .2, inTime("x")), candidates, 0.4))
        .isEqualTo(new Observation(List.of(new Judged(second, 0.4, .2)), candidates));
    assertThat(judging.ofPlayed(new Asked(second, .2, late("x")), candidates, 0.4).judged().getFirst().loss()).isEqualTo(.25 + .75 * .4);
    assertThat(judging.ofPlayed(new Asked(second, .2, new LoggedQuery.Missing()), candidates, 0).judged().getFirst().loss()).isEqualTo(.9);
    assertThat(judging.ofPlayed(new Asked(second, .2, new LoggedQuery.NotAdmitted()), candidates, 0).judged()).isEmpty();
  }

  @Test
  void aLabelThatNoOutputCouldBeJudgedByIsRefusedEvenWithoutOutputs() {
    Judging numbers = new Judging(Loss.SQUARED, 1, .5);
    assertThatThrownBy(() -> numbers.byLabel(List.of(new Asked(first, 1, new LoggedQuery.Missing())), candidates, "cat"))
        .hasMessage("loss 'squared' needs a number, label 'cat' is not");
    assertThatThrownBy(() -> new Judging(Loss.LOG, 1.5, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  private static LoggedQuery.Outcome inTime(String label) {
    return new LoggedQuery.Gave(Output.of(label), false);
  }

  private static LoggedQuery.Outcome late(String label) {
    return new LoggedQuery.Gave(Output.of(label), true);
  }
}
