package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Two kinds of queries, which one feature tells apart: the first model is right on one kind, the second on the other, the third on both, less. */
class ContextualTest {
  private static final int ROUNDS = 4_000;
  private static final boolean[] GROWN = new boolean[3];
  private final List<ModelId> models = World.models(3);

  @Test
  void policiesThatSeeTheKindLoseLessThanTheBestModelDoes() {
    assertThat(lateLoss(new LinUcb(.5))).isLessThan(.15);
    assertThat(lateLoss(new LinTs(.5))).isLessThan(.15);
    assertThat(lateLoss(new SquareCb(10, .5))).isLessThan(.18);
    assertThat(lateLoss(new Thompson(Thompson.Posterior.BETA, 1))).isGreaterThan(.22);
  }

  @Test
  void aModelThatFailsOnOneKindIsNotPlayedThere() {
    LinUcb policy = new LinUcb(.5);
    Regressions state = World.admitted(policy, models);
    RandomGenerator random = World.random(2);
    for (int label = 0; label < 200; label++) {
      double kind = random.nextInt(10) == 0 ? 1 : 0;
      double[] losses = {kind == 1 ? 1 : random.nextDouble() < .05 ? 1 : 0, random.nextDouble() < .15 ? 1 : 0, random.nextDouble() < .2 ? 1 : 0};
      state = policy.observe(state, new Observation(World.judged(models, losses), models).at(Features.of(kind)));
    }
    assertThat(policy.weights(state, models, GROWN, Features.of(1))[0]).isZero();
    assertThat(policy.weights(state, models, GROWN, Features.of(0))[0]).isEqualTo(1);
  }

  @Test
  void squareCbPlaysByTheInverseOfTheGap() {
    SquareCb policy = new SquareCb(10, .5);
    List<Prior> priors = List.of(new Prior(models.get(0), .2, 1e9, 0), new Prior(models.get(1), .3, 1e9, 0), new Prior(models.get(2), .7, 1e9, 0));
    Regressions state = policy.admit(policy.start(), List.of(), priors);
    double second = 1 / (3 + 10 * .1);
    double third = 1 / (3 + 10 * .5);
    assertThat(policy.weights(state, models, GROWN)).containsExactly(new double[] {1 - second - third, second, third}, within(1e-6));
  }

  @Test
  void whatSquareCbLoggedTellsWhatAnotherModelWouldHaveLost() {
    SquareCb policy = new SquareCb(10, .5);
    RandomGenerator random = World.random(3);
    Regressions state = World.admitted(policy, models);
    double sum = 0;
    for (int round = 0; round < 20_000; round++) {
      double kind = random.nextBoolean() ? 1 : -1;
      Selection selection = policy.select(state, models, GROWN, Features.of(kind), 8, random);
      assertThat(selection.propensity()).isEqualTo(Propensity.EXACT);
      Observation observation = World.observed(selection, models, chances(kind), random).at(Features.of(kind));
      Judged played = observation.judged().getFirst();
      sum += played.model().equals(models.get(2)) ? played.loss() / played.probability() : 0;
      state = policy.observe(state, observation);
    }
    assertThat(sum / 20_000).isEqualTo(.25, within(.04));
  }

  @Test
  void aRegressionIsThatOfTheNormalEquations() {
    RandomGenerator random = World.random(4);
    Regression regression = Regression.of(new Prior(models.getFirst(), 0, 0, 0));
    for (int i = 0; i < 5_000; i++) {
      double[] row = {1, random.nextDouble(-1, 1), random.nextDouble(-1, 1)};
      regression = regression.after(row, .4 + .2 * row[1] - .1 * row[2]);
    }
    Regression.Estimate estimate = regression.at(new double[] {1, .5, -1});
    assertThat(estimate.loss()).isEqualTo(.6, within(1e-3));
    // A is about 5000 · diag(1, 1/3, 1/3)
    assertThat(estimate.width()).isEqualTo(Math.sqrt((1 + 3 * .25 + 3) / 5_000), within(1e-3));
  }

  @Test
  void rowsOfDifferentLengthGoTogether() {
    Regression one = Regression.of(new Prior(models.getFirst(), .5, 10, 0));
    Regression grown = one.after(new double[] {1, 2, 3}, 1).after(new double[] {1}, 0);
    assertThat(grown.at(new double[] {1})).isEqualTo(grown.at(new double[] {1, 0, 0}));
    assertThat(grown.at(new double[] {1, 0, 0, 4}).width()).isGreaterThan(4);
  }

  private <S extends PolicyState> double lateLoss(SelectionPolicy<S> policy) {
    RandomGenerator random = World.random(1);
    S state = World.admitted(policy, models);
    double lost = 0;
    for (int round = 0; round < ROUNDS; round++) {
      double kind = random.nextBoolean() ? 1 : -1;
      Selection selection = policy.select(state, models, GROWN, Features.of(kind), 8, random);
      Observation observation = World.observed(selection, models, chances(kind), random).at(Features.of(kind));
      lost += round >= ROUNDS / 2 ? observation.judged().getFirst().loss() : 0;
      state = policy.observe(state, observation);
    }
    return lost / (ROUNDS / 2);
  }

  private static double[] chances(double kind) {
    return kind > 0 ? new double[] {.9, .5, .75} : new double[] {.5, .9, .75};
  }
}
