package io.clipper.node.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.node.client.Answer;
import io.clipper.node.demo.Digits.Digit;
import io.clipper.node.terminal.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DigitsDemoTest {
  private final LearningNode node = new LearningNode();
  private final Recorder watcher = new Recorder();

  @Test
  void theBundledRowsAreEnoughForTheShow() {
    List<Digit> rows = Digits.heldOut();
    assertThat(rows).hasSize(Script.BUNDLED.rows()).allMatch(digit -> digit.pixels().size() == 64 && digit.label().matches("[0-9]"));
  }

  @Test
  void thereIsABadVersionOfEachModelThatBreaks() {
    assertThat(Digits.BREAKING).isSubsetOf(Digits.MODELS).allSatisfy(model -> assertThat(Digits.faulty(model)).isNotEmpty());
  }

  @Test
  void withLabelsEveryPromiseIsKept() {
    Verdict verdict = show(true).run(Digits.heldOut());
    assertThat(verdict.bars()).allMatch(Verdict.Bar::met);
    assertThat(verdict.badWeights()).containsOnlyKeys(Digits.BREAKING);
  }

  @Test
  void withoutLabelsThePromisesFail() {
    Verdict verdict = show(false).run(Digits.heldOut());
    assertThat(verdict.bars().subList(0, 3)).noneMatch(Verdict.Bar::met);
    assertThat(node.observations).isZero();
  }

  @Test
  void eachDigitIsAskedOnceOfBothAndTheFaultIsGoneAtTheEnd() {
    DigitsDemo demo = show(true);
    demo.run(Digits.heldOut());
    assertThat(demo.learned().size()).isEqualTo(750);
    assertThat(demo.uniform().size()).isEqualTo(750);
    assertThat(node.current).allSatisfy((model, version) -> assertThat(version).isEqualTo(Digits.SOUND));
  }

  @Test
  void theActsChangeAfter300AndAfter650Digits() {
    show(true).run(Digits.heldOut());
    assertThat(watcher.heard)
        .containsExactly(
            "300: after 300 digits bad versions go live: neural-network:2, linear-svm:2, logistic-regression:2",
            "650: rolled back neural-network, linear-svm, logistic-regression");
  }

  @Test
  void aModelThatIsNotAtItsFirstVersionIsPutThereBefore() {
    node.rollout("logistic-regression", "5");
    show(true).run(Digits.heldOut());
    assertThat(watcher.heard.getFirst()).isEqualTo("0: logistic-regression was at version 5: back to version 1");
  }

  @Test
  void weightsThatAreNotFreshAreSaidToBe() {
    node.observations = 40;
    show(true).run(Digits.heldOut());
    assertThat(watcher.heard.getFirst()).contains("not fresh", "40 observations");
  }

  @Test
  void aShowThatEndsEarlyTakesItsFaultAway() {
    Failing failing = new Failing();
    DigitsDemo demo = new DigitsDemo(failing, Script.BUNDLED, true, watcher, () -> 0);
    assertThatThrownBy(() -> demo.run(Digits.heldOut())).hasMessage("the node is gone");
    demo.restore();
    demo.restore();
    assertThat(failing.inner.news)
        .containsSubsequence("deploy logistic-regression", "rollback logistic-regression")
        .filteredOn("rollback logistic-regression"::equals)
        .hasSize(1);
  }

  @Test
  void tooFewRowsAreRefusedBeforeAnythingIsAsked() {
    DigitsDemo demo = show(true);
    assertThatThrownBy(() -> demo.run(List.of())).hasMessage("0 digits for a show of 750");
    assertThat(node.news).isEmpty();
  }

  @Test
  void whereNobodyLooksATableIsPrintedAtTheEndOfEachAct() {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    Watcher table = new DigitsTable(new Terminal(writer, writer, false), () -> 0);
    new DigitsDemo(node, Script.BUNDLED, true, table, () -> 0).run(Digits.heldOut());
    assertThat(out.toString().lines().filter(line -> line.startsWith("[")).toList())
        .satisfiesExactly(
            first -> assertThat(first).endsWith("300 of 750 digits"),
            second -> assertThat(second).endsWith("650 of 750 digits"),
            third -> assertThat(third).endsWith("750 of 750 digits"));
    assertThat(out.toString()).contains("right by agreement:", "p99", "naive-bayes", "digits-uniform");
  }

  private DigitsDemo show(boolean feedback) {
    return new DigitsDemo(node, Script.BUNDLED, feedback, watcher, () -> 0);
  }

  private static final class Recorder implements Watcher {
    private final List<String> heard = new ArrayList<>();
    private int digits;

    @Override
    public void sees(Scene scene) {
      digits = scene.digit();
    }

    @Override
    public void hears(String news) {
      heard.add(digits + ": " + news);
    }
  }

  /** Goes away at the 400th digit. */
  private static final class Failing implements DemoNode {
    private final LearningNode inner = new LearningNode();
    private int asked;

    @Override
    public void ensureUniform(String application, String like, List<String> models) {}

    @Override
    public CompletableFuture<Answer> predict(String application, Digit digit) {
      return ++asked > 800
          ? CompletableFuture.failedFuture(new IllegalStateException("the node is gone"))
          : inner.predict(application, digit);
    }

    @Override
    public CompletableFuture<Void> label(String application, long queryId, String label) {
      return inner.label(application, queryId, label);
    }

    @Override
    public Learned learned(String application) {
      return inner.learned(application);
    }

    @Override
    public String currentVersion(String model) {
      return inner.currentVersion(model);
    }

    @Override
    public String deploy(String model, byte[] artifact) {
      return inner.deploy(model, artifact);
    }

    @Override
    public void rollback(String model) {
      inner.rollback(model);
    }

    @Override
    public void rollout(String model, String version) {
      inner.rollout(model, version);
    }
  }
}
