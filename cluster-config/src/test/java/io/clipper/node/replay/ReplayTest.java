package io.clipper.node.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.clipper.feedback.Loss;
import io.clipper.model.ModelId;
import io.clipper.node.replay.Recording.Truth;
import io.clipper.selection.Policies;
import io.clipper.selection.PolicySettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplayTest {
  private static final Replay GOOD_AND_BAD = replay(2000);

  static List<String> policies() {
    return Policies.names();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void everyPolicyDecidesEveryQueryTheSameWayAgain(String policy) {
    Course course = GOOD_AND_BAD.of(new PolicySettings(policy), new Random(3));

    assertThat(course.moments()).hasSize(200);
    assertThat(course.moments().getLast().queries()).isEqualTo(2000);
    assertThat(course.meanLoss()).isBetween(0.05, 0.75);
    assertThat(course.regret() / 2000).isCloseTo(course.meanLoss() - GOOD_AND_BAD.meanLosses().getFirst(), within(1e-9));
    assertThat(course.moments()).allSatisfy(moment -> assertThat(moment.weights().stream().mapToDouble(Double::doubleValue).sum()).isCloseTo(1, within(1e-9)));
    assertThat(GOOD_AND_BAD.of(new PolicySettings(policy), new Random(3))).isEqualTo(course);
  }

  @Test
  void thoseThatLearnComeNearTheBestModelAndUniformDoesNot() {
    double best = GOOD_AND_BAD.meanLosses().getFirst();

    for (String policy : List.of("fixed-share", "adahedge", "exp4", "single")) {
      assertThat(GOOD_AND_BAD.of(new PolicySettings(policy), new Random(3)).meanLoss()).isLessThan(best + 0.02);
    }
    assertThat(GOOD_AND_BAD.of(new PolicySettings("exp3"), new Random(3)).meanLoss()).isLessThan(best + 0.1);
    assertThat(GOOD_AND_BAD.of(new PolicySettings("uniform"), new Random(3)).meanLoss()).isGreaterThan(best + 0.1);
  }

  @Test
  void whoGivesNothingIsMissing() {
    Recording recording = Recording.of(List.of("label,a,b", "1,,1", "0,,0").iterator(), "label");
    Course course = new Replay(recording, Loss.ZERO_ONE, Optional.empty(), 8, 1).of(new PolicySettings("single"), new Random(1));

    assertThat(course.unanswered()).isEqualTo(2);
    assertThat(course.meanLoss()).isOne();
    assertThat(course.regret()).isEqualTo(2);
  }

  @Test
  void aCombinerThatLearnsIsTaughtByTheLabels() {
    List<String> lines = new ArrayList<>(List.of("y,near,far"));
    for (int i = 0; i < 300; i++) {
      lines.add("%s,%s,%s".formatted(i % 7 / 10.0, i % 7 / 10.0 + 0.01, 0.9 - i % 5 / 10.0));
    }
    Recording recording = Recording.of(lines.iterator(), "y");
    double mean = new Replay(recording, Loss.ABSOLUTE, Optional.of("weighted-mean"), 8, 1).of(new PolicySettings("uniform"), new Random(1)).meanLoss();
    double learned = new Replay(recording, Loss.ABSOLUTE, Optional.of("bayesian-average"), 8, 1).of(new PolicySettings("uniform"), new Random(1)).meanLoss();

    assertThat(learned).isLessThan(mean / 3);
  }

  @Test
  void thePictureHasALineForEachPolicyAndModel() {
    List<Course> courses = List.of(GOOD_AND_BAD.of(new PolicySettings("fixed-share"), new Random(1)), GOOD_AND_BAD.of(new PolicySettings("exp3"), new Random(1)));

    String svg = Picture.svg(courses);

    assertThat(svg).startsWith("<svg ").endsWith("</svg>\n").contains("weights of exp3").doesNotContain("NaN").doesNotContain("Infinity");
    assertThat(svg.split("<polyline", -1)).hasSize(1 + 2 + 2 + 3 + 3);
  }

  @Test
  void whatIsWrongWithAFileIsSaidWithItsPlace() {
    assertThatThrownBy(() -> read()).hasMessageContaining("empty");
    assertThatThrownBy(() -> read("a,b", "1,2")).hasMessage("no column 'label' among a, b");
    assertThatThrownBy(() -> read("label", "1")).hasMessageContaining("no column beside");
    assertThatThrownBy(() -> read("label,a,a", "1,2,3")).hasMessage("column 'a' is there twice");
    assertThatThrownBy(() -> read("label,a", "1,2", "1")).hasMessage("line 3 has 1 columns instead of 2");
    assertThatThrownBy(() -> read("label,a", ",2")).hasMessage("line 2 has no label");
    assertThatThrownBy(() -> read("label,a")).hasMessageContaining("no line below");
    assertThat(read("label,a,b:2", "1.0,2,").models()).containsExactly(new ModelId("a", "1"), new ModelId("b", "2"));
    assertThat(read("label,a", "1.0,1").queries().getFirst().truth()).isEqualTo(new Truth.Label("1"));
  }

  private static Recording read(String... lines) {
    return Recording.of(List.of(lines).iterator(), "label");
  }

  /** One model errs once in ten, two err six times in ten and alike. */
  private static Replay replay(int queries) {
    Random random = new Random(7);
    List<String> lines = new ArrayList<>(List.of("label,good,bad,worse"));
    for (int i = 0; i < queries; i++) {
      int label = random.nextInt(10);
      int wrong = (label + 1) % 10;
      int bad = random.nextDouble() < 0.6 ? wrong : label;
      lines.add("%d,%d,%d,%d".formatted(label, random.nextDouble() < 0.1 ? wrong : label, bad, bad));
    }
    return new Replay(Recording.of(lines.iterator(), "label"), Loss.ZERO_ONE, Optional.empty(), 8, 1);
  }
}
