package io.clipper.node.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.clipper.feedback.Judging;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.feedback.Loss;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Features;
import io.clipper.selection.Policies;
import io.clipper.selection.PolicySettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
  private static final Columns LABELLED = Columns.labelled("label");
  private static final Columns FOR_WHOM = new Columns("label", Optional.of("user"), List.of("x"));
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
    Recording recording = Recording.of(List.of("label,a,b", "1,,1", "0,,0").iterator(), LABELLED);
    Course course = replay(recording, Loss.ZERO_ONE, Optional.empty()).of(new PolicySettings("single"), new Random(1));

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
    Recording recording = Recording.of(lines.iterator(), Columns.labelled("y"));
    double mean = replay(recording, Loss.ABSOLUTE, Optional.of("weighted-mean")).of(new PolicySettings("uniform"), new Random(1)).meanLoss();
    double learned = replay(recording, Loss.ABSOLUTE, Optional.of("bayesian-average")).of(new PolicySettings("uniform"), new Random(1)).meanLoss();

    assertThat(learned).isLessThan(mean / 3);
  }

  /** What is right for one user is wrong for the other: one stream for both can be right for half of them. */
  @Test
  void contextsAreStreamsOfTheirOwn() {
    List<String> lines = new ArrayList<>(List.of("user,label,left,right"));
    for (int i = 0; i < 400; i++) {
      lines.add(i % 2 == 0 ? "ann,1,1,2" : "bob,2,1,2");
    }
    PolicySettings policy = new PolicySettings("fixed-share");
    Recording apart = Recording.of(lines.iterator(), new Columns("label", Optional.of("user"), List.of()));
    List<Recording.Query> strangers =
        apart.queries().stream().map(query -> new Recording.Query(Optional.empty(), query.features(), query.outcomes(), query.label())).toList();

    assertThat(replay(apart, Loss.ZERO_ONE, Optional.empty()).of(policy, new Random(1)).meanLoss()).isLessThan(0.05);
    Recording together = new Recording(apart.models(), strangers);
    assertThat(replay(together, Loss.ZERO_ONE, Optional.empty()).of(policy, new Random(1)).meanLoss()).isGreaterThan(0.4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linucb", "lints", "square-cb:scale=1000"})
  void policiesThatGoByFeaturesSeeThem(String policy) {
    List<String> lines = new ArrayList<>(List.of("label,left,right,x"));
    for (int i = 0; i < 1_000; i++) {
      lines.add(i % 2 == 0 ? "1,1,2,1" : "2,1,2,-1");
    }
    Recording seen = Recording.of(lines.iterator(), new Columns("label", Optional.empty(), List.of("x")));
    PolicySettings settings = PolicyText.parse(policy);
    List<Recording.Query> blind =
        seen.queries().stream().map(query -> new Recording.Query(Optional.empty(), Features.NONE, query.outcomes(), query.label())).toList();

    assertThat(replay(seen, Loss.ZERO_ONE, Optional.empty()).of(settings, new Random(1)).meanLoss()).isLessThan(0.1);
    Recording unseen = new Recording(seen.models(), blind);
    assertThat(replay(unseen, Loss.ZERO_ONE, Optional.empty()).of(settings, new Random(1)).meanLoss()).isGreaterThan(0.3);
  }

  @Test
  void optionsMakeAnotherPolicyOfIt() {
    Course cautious = GOOD_AND_BAD.of(PolicyText.parse("exp3:eta=0.0001"), new Random(3));
    Course bold = GOOD_AND_BAD.of(PolicyText.parse("exp3:eta=0.05"), new Random(3));

    assertThat(bold.meanLoss()).isLessThan(cautious.meanLoss() - 0.1);
    assertThat(PolicyText.of(bold.policy())).isEqualTo("exp3:eta=0.05");
    assertThat(PolicyText.words(PolicyText.parse("fixed-share:eta=.5:share=.01"))).isEqualTo("--policy fixed-share --option eta=0.5 --option share=0.01");
    assertThatThrownBy(() -> PolicyText.parse("exp3:eta")).hasMessageContaining("exp3:eta=0.05");
    assertThatThrownBy(() -> PolicyText.parse("exp3:eta=much")).hasMessage("option eta of 'exp3:eta=much' is no number");
    assertThatThrownBy(() -> PolicyText.parse("exp3:epsilon=1")).hasMessageContaining("option epsilon=1.0 of policy 'exp3'");
  }

  /** A late model is judged by its lateness and its loss and answers nobody; one that was turned away is not judged. */
  @Test
  void whoWasLateOrTurnedAwayIsJudgedAsServingDoes() {
    List<ModelId> models = List.of(new ModelId("a", "1"), new ModelId("b", "1"), new ModelId("c", "1"));
    Gave right = new Gave(Output.of("1"), false);
    Gave late = new Gave(Output.of("1"), true);
    List<Recording.Query> queries = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      queries.add(new Recording.Query(Optional.empty(), Features.NONE, List.of(right, late, new NotAdmitted()), "1"));
    }
    Replay replay = replay(new Recording(models, queries), Loss.ZERO_ONE, Optional.empty());

    List<Double> weights = replay.of(new PolicySettings("exp4"), new Random(1)).moments().getLast().weights();

    assertThat(replay.meanLosses()).containsExactly(0.0, 1.0, 1.0);
    double eta = Math.sqrt(8 * Math.log(3) / 101);
    assertThat(Math.log(weights.get(1) / weights.get(0))).isCloseTo(-eta * 50, within(1e-9));
    assertThat(weights.get(2)).isBetween(0.25, 0.4);
  }

  @Test
  void theCurvesArePrintedAtSomePlacesAndAtTheEnd() {
    List<String> lines = Curves.table(GOOD_AND_BAD.of(PolicyText.parse("exp3:eta=0.05"), new Random(1))).lines();

    assertThat(lines).hasSize(1 + 8);
    assertThat(lines.getFirst()).contains("exp3:eta=0.05", "mean loss", "regret", "good:1", "worse:1");
    assertThat(lines.get(1).strip()).startsWith("250");
    assertThat(lines.getLast().strip()).startsWith("2000");
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
    assertThat(read("label,a", "1.0,1").queries().getFirst().label()).isEqualTo("1");
    assertThatThrownBy(() -> Recording.of(List.of("label,a,x", "1,1,much").iterator(), FOR_WHOM)).hasMessageContaining("no column 'user'");
    assertThatThrownBy(() -> Recording.of(List.of("label,a,x,user", "1,1,much,ann").iterator(), FOR_WHOM))
        .hasMessage("line 2 has 'much' where a number is to be");
  }

  private static Replay replay(Recording recording, Loss loss, Optional<String> combiner) {
    return new Replay(recording, new Judging(loss, 1, 0.5), combiner, 8);
  }

  private static Recording read(String... lines) {
    return Recording.of(List.of(lines).iterator(), LABELLED);
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
    return replay(Recording.of(lines.iterator(), LABELLED), Loss.ZERO_ONE, Optional.empty());
  }
}
