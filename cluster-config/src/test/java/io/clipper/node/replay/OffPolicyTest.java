package io.clipper.node.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import io.clipper.node.replay.OffPolicy.Estimated;
import io.clipper.node.replay.PlayedLog.Round;
import io.clipper.selection.Features;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Propensity;
import io.clipper.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffPolicyTest {
  private static final List<ModelId> MODELS = IntStream.range(0, 5).mapToObj(i -> new ModelId("m" + i, "1")).toList();
  private static final double[] LOSSES = {.9, .5, .4, .3, .2};

  /** K = 5, uniform, target loss μ = .9: the standard deviations are √((Kμ − μ²) ÷ n) and about √(Kμ(1 − μ) ÷ n). */
  @Test
  void theEstimatesVaryAsTheirFormulasSay() {
    int rounds = 1_000;
    int runs = 600;
    double[] inverse = new double[runs];
    double[] normalised = new double[runs];
    double error = 0;
    double effective = 0;
    for (int run = 0; run < runs; run++) {
      Estimated estimated = new OffPolicy(uniform(rounds, new Random(run))).ofModel(MODELS.getFirst());
      inverse[run] = estimated.inverse();
      normalised[run] = estimated.normalised();
      error += estimated.error() / runs;
      effective += estimated.effective() / runs;
    }

    assertThat(mean(inverse)).isEqualTo(.9, within(4 * 1.921 / Math.sqrt(rounds * runs)));
    assertThat(deviation(inverse)).isEqualTo(1.921 / Math.sqrt(rounds), within(.1 * 1.921 / Math.sqrt(rounds)));
    assertThat(error).isEqualTo(1.921 / Math.sqrt(rounds), within(.05 * 1.921 / Math.sqrt(rounds)));
    assertThat(mean(normalised)).isEqualTo(.9, within(.005));
    assertThat(deviation(normalised)).isEqualTo(.671 / Math.sqrt(rounds), within(.1 * .671 / Math.sqrt(rounds)));
    assertThat(effective).isEqualTo(rounds / 5.0, within(5.0));
  }

  /** Logged by a policy whose chances move with what it learned, so that what is stored has to be divided by, and not the last. */
  @ParameterizedTest
  @ValueSource(strings = {"exp3:eta=0.003", "tsallis-inf", "epsilon-greedy:epsilon=0.3", "thompson:discount=0.98"})
  void whateverLoggedEachModelsLossComesOut(String logging) {
    double[] sums = new double[MODELS.size()];
    int runs = 40;
    for (int run = 0; run < runs; run++) {
      OffPolicy estimating = new OffPolicy(logged(PolicyText.parse(logging), 1_000, new Random(run)));
      for (int model = 0; model < sums.length; model++) {
        sums[model] += estimating.ofModel(MODELS.get(model)).inverse() / runs;
      }
    }
    for (int model = 0; model < sums.length; model++) {
      assertThat(sums[model]).as(MODELS.get(model).toString()).isEqualTo(LOSSES[model], within(.15));
    }
  }

  @Test
  void aPolicyThatLearnsFromTheLogComesNearItsBestModel() {
    OffPolicy estimating = new OffPolicy(uniform(20_000, new Random(5)));

    double best = estimating.ofModel(MODELS.getLast()).normalised();
    assertThat(best).isEqualTo(.2, within(.03));
    assertThat(estimating.of(PolicyText.parse("exp3:eta=0.02")).normalised()).isEqualTo(best, within(.05));
    assertThat(estimating.of(new PolicySettings("ucb1")).normalised()).isEqualTo(best, within(.05));
    assertThat(estimating.of(PolicyText.parse("epsilon-greedy:epsilon=1")).normalised()).isEqualTo(.46, within(.02));
    assertThat(estimating.of(new PolicySettings("single")).inverse()).isEqualTo(estimating.ofModel(MODELS.getFirst()).inverse(), within(1e-9));
  }

  @Test
  void aLogOfARuleThatDrawsNoLotsIsRefused() {
    List<Round> rounds = new ArrayList<>(uniform(10, new Random(1)).rounds());
    rounds.add(round(MODELS.getFirst(), 1, 0, Propensity.DETERMINISTIC));

    assertThatThrownBy(() -> new OffPolicy(new PlayedLog(rounds)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("1 of 11 queries were chosen by a rule that draws no lots (ucb1, linucb)");
    assertThatThrownBy(() -> new OffPolicy(logged(new PolicySettings("ucb1"), 50, new Random(1)))).hasMessageContaining("50 of 50 queries");
  }

  @Test
  void aPolicyThatWeighsIsRefused() {
    OffPolicy estimating = new OffPolicy(uniform(10, new Random(1)));

    for (String policy : List.of("fixed-share", "exp4", "adahedge", "uniform")) {
      assertThatThrownBy(() -> estimating.of(new PolicySettings(policy))).hasMessageContaining("'%s' answers by several models".formatted(policy));
    }
  }

  @Test
  void whoWasNeverPlayedIsNotKnown() {
    Estimated estimated = new OffPolicy(new PlayedLog(List.of(round(MODELS.getFirst(), .5, 1, Propensity.EXACT)))).ofModel(MODELS.getLast());

    assertThat(estimated.effective()).isZero();
    assertThat(estimated.normalised()).isNaN();
  }

  @Test
  void aLogIsReadFromAFile() {
    List<String> lines = List.of("user,model,probability,reward,x", "ann,a,0.25,1,0.5", ",b:2,0.75,0.5,-1");
    PlayedLog log = PlayedLog.of(lines.iterator(), new Columns("label", Optional.of("user"), List.of("x")));

    List<ModelId> candidates = List.of(new ModelId("a", "1"), new ModelId("b", "2"));
    assertThat(log.rounds())
        .containsExactly(
            new Round(Optional.of("ann"), Features.of(.5), candidates, candidates.getFirst(), .25, 0, Propensity.EXACT),
            new Round(Optional.empty(), Features.of(-1), candidates, candidates.getLast(), .75, .5, Propensity.EXACT));
    assertThat(log.meanLoss()).isEqualTo(.25);
    assertThatThrownBy(() -> read("model,probability", "a,1")).hasMessageContaining("no column 'loss'");
    assertThatThrownBy(() -> read("model,probability,loss", "a,0,1")).hasMessageContaining("a:1 was played with probability 0.0");
    assertThatThrownBy(() -> read("model,probability,loss", "a,1,2")).hasMessageContaining("lost 2.0");
  }

  private static PlayedLog read(String... lines) {
    return PlayedLog.of(List.of(lines).iterator(), Columns.labelled("label"));
  }

  private static PlayedLog uniform(int rounds, Random random) {
    List<Round> played = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      int model = random.nextInt(MODELS.size());
      played.add(round(MODELS.get(model), 1.0 / MODELS.size(), random.nextDouble() < LOSSES[model] ? 1 : 0, Propensity.EXACT));
    }
    return new PlayedLog(played);
  }

  private static PlayedLog logged(PolicySettings policy, int rounds, Random random) {
    Learner learner = Learner.start(policy).admit(MODELS, Map.of());
    List<Round> played = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      Selection.Choice choice = learner.select(MODELS, MODELS.size(), random).known().asked().getFirst();
      double loss = random.nextDouble() < LOSSES[MODELS.indexOf(choice.model())] ? 1 : 0;
      played.add(round(choice.model(), choice.probability(), loss, learner.select(MODELS, 1, random).propensity()));
      learner = learner.observe(new Observation(List.of(new Judged(choice.model(), loss, choice.probability())), MODELS));
    }
    return new PlayedLog(played);
  }

  private static Round round(ModelId played, double probability, double loss, Propensity propensity) {
    return new Round(Optional.empty(), Features.NONE, MODELS, played, probability, loss, propensity);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / values.length);
  }
}
