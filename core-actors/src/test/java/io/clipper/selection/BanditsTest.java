package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** UCB1, Thompson sampling, Exp3-IX and Tsallis-INF against their formulas, and what each says of its probabilities. */
class BanditsTest {
  private static final boolean[] GROWN = new boolean[3];
  private final List<ModelId> models = World.models(3);

  @Test
  void ucb1PlaysTheGreatestUpperBound() {
    Ucb1 ucb1 = new Ucb1(2);
    Means state = observed(ucb1, new double[][] {{.4, 10}, {.5, 5}, {.3, 100}});
    // bounds of the loss with t = 116: .4 - .975, .5 - 1.379, .3 - .308
    assertThat(ucb1.weights(state, models, GROWN)).containsExactly(0, 1, 0);
    Selection selection = ucb1.select(state, models, GROWN, Features.NONE, 8, World.random(1));
    assertThat(selection.propensity()).isEqualTo(Propensity.DETERMINISTIC);
    assertThat(selection.asked()).containsExactly(new Selection.Choice(models.get(1), 1, 1));
  }

  @Test
  void ucb1TriesAllOfWhomThereIsNoWordYet() {
    Ucb1 ucb1 = new Ucb1(2);
    Means state = observed(ucb1, new double[][] {{0, 10}});
    assertThat(ucb1.weights(state, models, GROWN)).containsExactly(0, .5, .5);
  }

  @Test
  void thompsonSamplingPlaysEachAsOftenAsItIsBelievedToBeTheBest() {
    Thompson thompson = new Thompson(Thompson.Posterior.BETA, 1);
    List<ModelId> two = models.subList(0, 2);
    Means state = observed(thompson, new double[][] {{.5, 2}, {1, 1}});
    // P(Beta(2, 2) < Beta(2, 1)) = ∫ (3u² − 2u³) 2u du = 3/2 − 4/5
    int first = 0;
    for (int i = 0; i < 20_000; i++) {
      Selection selection = thompson.select(state, two, new boolean[2], Features.NONE, 8, World.random(i));
      assertThat(selection.propensity()).isEqualTo(Propensity.ESTIMATED);
      first += selection.played().orElseThrow().equals(two.getFirst()) ? 1 : 0;
    }
    assertThat(first / 20_000.0).isEqualTo(.7, within(.012));
    assertThat(thompson.weights(state, two, new boolean[2])[0]).isEqualTo(.7, within(.1));
  }

  @Test
  void aGammaHasTheMeanAndTheVarianceOfItsShape() {
    RandomGenerator random = World.random(3);
    for (double shape : new double[] {1, 2.5, 40, 1e6}) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < 50_000; i++) {
        double off = Gamma.draw(shape, random) - shape;
        sum += off;
        squares += off * off;
      }
      assertThat(sum / 50_000).isEqualTo(0, within(5 * Math.sqrt(shape / 50_000)));
      assertThat(squares / 50_000).isEqualTo(shape, within(shape * .06));
    }
  }

  @Test
  void aDiscountForgetsAllThatWereCandidates() {
    Thompson thompson = new Thompson(Thompson.Posterior.BETA, .5);
    Means state = observed(thompson, new double[][] {{.5, 8}, {1, 4}, {1, 2}});
    state = thompson.observe(state, new Observation(List.of(new Judged(models.get(0), 1, 1)), models.subList(0, 2)));
    assertThat(state.counts().values()).containsExactly(5, 2, 2);
    assertThat(state.losses().values()).containsExactly(3, 2, 2);
  }

  @Test
  void aYoungOneIsPlayedNoMoreOftenThanAnEqualShareOfTheTime() {
    Thompson thompson = new Thompson(Thompson.Posterior.BETA, 1);
    Means state = observed(thompson, new double[][] {{1, 50}, {1, 50}, {0, 10}});
    boolean[] young = {false, false, true};
    int played = 0;
    RandomGenerator random = World.random(8);
    for (int i = 0; i < 10_000; i++) {
      played += thompson.select(state, models, young, Features.NONE, 8, random).played().orElseThrow().equals(models.get(2)) ? 1 : 0;
    }
    assertThat(played).isBetween(3_100, 3_500);
  }

  @Test
  void exp3IxAddsHalfItsRateToTheProbability() {
    Exp3Ix policy = new Exp3Ix(0.2);
    RelativeLosses state = World.admitted(policy, models);
    state = policy.observe(state, new Observation(List.of(new Judged(models.get(1), 1, 0.25), new Judged(models.get(2), 0.5, 1)), models));
    double second = Math.exp(-0.2 / 0.35);
    double third = Math.exp(-0.2 * 0.5 / 1.1);
    double sum = 1 + second + third;
    assertThat(policy.weights(state, models, GROWN)).containsExactly(new double[] {1 / sum, second / sum, third / sum}, within(1e-12));
  }

  @Test
  void tsallisInfEstimatesAgainstABaselineOnceItsRateIsSmall() {
    TsallisInf policy = new TsallisInf();
    RelativeLosses early = World.admitted(policy, models);
    Observation observation = new Observation(List.of(new Judged(models.get(1), 1, 0.25)), models);
    assertThat(policy.estimates(early, observation)).containsExactly(0, 4, 0);
    RelativeLosses late = new RelativeLosses(early.losses(), 1_000);
    assertThat(policy.estimates(late, observation)).containsExactly(.5, 2.5, .5);
  }

  private Means observed(MeanPolicy policy, double[][] meansAndCounts) {
    List<Prior> priors = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      priors.add(i < meansAndCounts.length ? new Prior(models.get(i), meansAndCounts[i][0], meansAndCounts[i][1], 0) : new Prior(models.get(i), 0, 0, 0));
    }
    return policy.admit(policy.start(), List.of(), priors);
  }
}
