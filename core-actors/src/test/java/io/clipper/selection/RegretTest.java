package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Means of thirty runs against figures that were simulated independently (100 runs in numpy), with a third of allowance. */
class RegretTest {
  private static final double ALLOWANCE = 1.35;

  @Test
  void exp3LearnsWhichOfFiveIsBest() {
    assertThat(World.S1.meanRegret(new Exp3(0.1))).isLessThan(85 * ALLOWANCE);
    assertThat(World.S1.meanRegret(new Exp3(0.01))).isLessThan(182 * ALLOWANCE);
  }

  @Test
  void exp3StaysWithinItsBounds() {
    double knownHorizon = Math.sqrt(2 * Math.log(5) / (10_000 * 5.0));
    assertThat(World.S1.meanRegret(new Exp3(knownHorizon))).isLessThan(401);
    assertThat(World.S1.meanRegret(new Exp3(0))).isLessThan(2 * Math.sqrt(10_000 * 5 * Math.log(5)));
  }

  @Test
  void exp3FindsAnotherModelWhenTheBestBreaks() {
    assertThat(World.S2.meanRegret(new Exp3(0.1))).isLessThan(348 * ALLOWANCE);
  }

  @Test
  void fixedShareLearnsFromLabelsAndTracksTheChange() {
    assertThat(World.S1.meanRegret(new FixedShare(0.3, 1e-3))).isLessThan(48 * ALLOWANCE);
    assertThat(World.S2.meanRegret(new FixedShare(0.3, 1e-3))).isLessThan(102 * ALLOWANCE);
  }

  @Test
  void exp4LearnsFromLabelsFasterThanExp3FromItsPlays() {
    assertThat(World.S1.meanRegret(new Exp4(0))).isLessThan(85);
  }

  @Test
  void epsilonGreedyPaysForItsExplorationAndLittleMore() {
    double explored = 10_000 * 0.05 * (0 + .05 + .1 + .2 + .3) / 5;
    assertThat(World.S1.meanRegret(new EpsilonGreedy(0.05))).isBetween(explored, 3 * explored);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void exp4KeepsItsBoundOnEverySequence(long seed) {
    RandomGenerator random = World.random(seed);
    int size = 2 + random.nextInt(6);
    int rounds = 3_000;
    List<ModelId> models = World.models(size);
    Exp4 policy = new Exp4(0);
    RelativeLosses state = World.admitted(policy, models);
    double own = 0;
    double[] sums = new double[size];
    for (int round = 0; round < rounds; round++) {
      double[] weights = policy.weights(state, models, World.noneYoung(size));
      double[] losses = adversary(weights, random, seed);
      for (int i = 0; i < size; i++) {
        own += weights[i] * losses[i];
        sums[i] += losses[i];
      }
      state = policy.observe(state, new Observation(World.judged(models, losses), models));
    }
    double best = -Shares.max(negated(sums));
    assertThat(own - best).isLessThan(2 * Math.sqrt(rounds * Math.log(size) / 2) + Math.sqrt(Math.log(size) / 8));
  }

  /** The heaviest loses most, with some noise; for odd seeds, who loses has nothing to do with the weights. */
  private static double[] adversary(double[] weights, RandomGenerator random, long seed) {
    double[] losses = new double[weights.length];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = seed % 2 == 1 ? random.nextInt(2) : weights[i] == Shares.max(weights) ? 1 : 0.1 * random.nextDouble();
    }
    return losses;
  }

  private static double[] negated(double[] values) {
    double[] negated = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      negated[i] = -values[i];
    }
    return negated;
  }
}
