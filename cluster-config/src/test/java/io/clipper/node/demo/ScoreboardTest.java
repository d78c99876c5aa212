package io.clipper.node.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.node.client.Answer;
import io.clipper.node.client.Answer.ModelAnswer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScoreboardTest {
  private final Scoreboard board = new Scoreboard();

  @Test
  void accuracyIsOfTheRangeAsked() {
    add(true, 0.6);
    add(false, 0.6);
    add(true, 1);
    assertThat(board.accuracy(0, 3)).isEqualTo(new Tally(2, 3));
    assertThat(board.accuracy(1, 2)).isEqualTo(new Tally(0, 1));
    assertThat(board.accuracy(5, 9).share()).isNaN();
  }

  @Test
  void agreementLevelsStandMostAgreedFirst() {
    add(true, 0.6);
    add(false, 0.6);
    add(true, 1);
    assertThat(board.byAgreement(0, 3).keySet()).containsExactly(100, 60);
    assertThat(board.byAgreement(0, 3).values()).containsExactly(new Tally(1, 1), new Tally(1, 2));
  }

  @Test
  void percentilesAreLatenciesThatWereSeen() {
    for (int micros = 100; micros >= 1; micros--) {
      board.add(new Score(true, false, OptionalDouble.empty(), Map.of(), micros));
    }
    assertThat(List.of(board.micros(0.5), board.micros(0.99), board.micros(1))).containsExactly(50L, 99L, 100L);
    assertThat(new Scoreboard().micros(0.5)).isZero();
  }

  @Test
  void eachModelIsJudgedByItsOwnOutput() {
    board.add(Score.of("3", answer("3", false, model("a", "3"), model("b", "8")), 10));
    board.add(Score.of("3", answer("8", false, model("a", "8"), new ModelAnswer("b", "1", Optional.empty(), 0, false, true)), 10));
    assertThat(board.accuracy("a", 0, 2)).isEqualTo(new Tally(1, 2));
    assertThat(board.accuracy("b", 0, 2)).isEqualTo(new Tally(0, 2));
    assertThat(board.accuracy("c", 0, 2)).isEqualTo(new Tally(0, 0));
  }

  @Test
  void aDefaultThatHappensToBeRightIsNotRight() {
    board.add(Score.of("3", answer("3", true), 10));
    assertThat(board.accuracy(0, 1)).isEqualTo(new Tally(0, 1));
    assertThat(board.defaults()).isEqualTo(1);
  }

  @Test
  void thePromisesAreKeptExactlyAtTheirBars() {
    Verdict kept = new Verdict(0.97, 0.94, 0.84, Map.of("m", 0.0499), Map.of("m", 0.0501));
    assertThat(kept.bars()).allMatch(Verdict.Bar::met);
    assertThat(kept.met()).isTrue();
  }

  @Test
  void eachPromiseCanFailByItself() {
    Map<String, Double> low = Map.of("m", 0.01);
    Map<String, Double> high = Map.of("m", 0.2);
    assertThat(failing(new Verdict(0.5, 0.94, 0.85, low, high))).containsExactly(0);
    assertThat(failing(new Verdict(0.97, 0.93, 0.5, low, high))).containsExactly(1);
    assertThat(failing(new Verdict(0.97, 0.97, 0.5, high, high))).containsExactly(2);
    assertThat(failing(new Verdict(0.97, 0.97, 0.5, low, low))).containsExactly(3);
  }

  @Test
  void theVerdictSaysWhatItMeasured() {
    Verdict verdict = new Verdict(0.97, 0.96, 0.42, Map.of("m", 0.012), Map.of("m", 0.31));
    assertThat(String.join("\n", VerdictText.of(verdict, Script.BUNDLED, true)))
        .contains("digits 51-350 after the fault", "digits 96.0 %, digits-uniform 42.0 %, difference +54.0 points", "m 1.2 %", "m 31.0 %")
        .contains("pass  rollback")
        .doesNotContain("FAIL", "without feedback");
  }

  @Test
  void anActWithoutDigitsIsRefused() {
    assertThatThrownBy(() -> new Script(1, 5, 5, 1)).hasMessageContaining("an act without digits");
  }

  private static List<Integer> failing(Verdict verdict) {
    return IntStream.range(0, 4).filter(bar -> !verdict.bars().get(bar).met()).boxed().toList();
  }

  private void add(boolean correct, double agreement) {
    board.add(new Score(correct, false, OptionalDouble.of(agreement), Map.of(), 10));
  }

  private static Answer answer(String output, boolean isDefault, ModelAnswer... models) {
    return new Answer(1, output, isDefault, Optional.empty(), OptionalDouble.empty(), OptionalDouble.empty(), List.of(models));
  }

  private static ModelAnswer model(String name, String output) {
    return new ModelAnswer(name, "1", Optional.of(output), 0.5, false, false);
  }
}
