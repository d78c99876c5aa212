package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Exp3, Exp4 and Fixed-Share against their formulas, and with candidates that come and go. */
class ExponentialWeightsTest {
  private static final boolean[] GROWN = new boolean[3];
  private final List<ModelId> models = World.models(3);

  @Test
  void exp3DividesThePlayedLossByItsStoredProbability() {
    Exp3 exp3 = new Exp3(0.1);
    RelativeLosses state = World.admitted(exp3, models);
    state = exp3.observe(state, new Observation(List.of(new Judged(models.get(1), 1, 0.25)), models));
    double lost = Math.exp(-0.1 * 4);
    assertThat(exp3.weights(state, models, GROWN))
        .containsExactly(new double[] {1 / (2 + lost), lost / (2 + lost), 1 / (2 + lost)}, within(1e-12));
  }

  @Test
  void exp3SlowsDownAsRoundsGoBy() {
    Exp3 exp3 = new Exp3(0);
    RelativeLosses state = World.admitted(exp3, models);
    for (int round = 0; round < 99; round++) {
      state = exp3.observe(state, new Observation(List.of(new Judged(models.get(1), 0.5, 0.5)), models));
    }
    double lost = Math.exp(-Math.sqrt(Math.log(3) / (3 * 100)) * 99);
    assertThat(exp3.weights(state, models, GROWN)[1]).isEqualTo(lost / (2 + lost), within(1e-12));
  }

  @Test
  void exp4IsHedgeOverPlainSumsOfLosses() {
    Exp4 exp4 = new Exp4(0);
    RelativeLosses state = World.admitted(exp4, models);
    double[] sums = new double[3];
    RandomGenerator random = World.random(3);
    for (int round = 1; round <= 500; round++) {
      double[] losses = {random.nextDouble(), random.nextDouble(), 0.3};
      state = exp4.observe(state, new Observation(World.judged(models, losses), models));
      double eta = Math.sqrt(8 * Math.log(3) / (round + 1));
      for (int i = 0; i < 3; i++) {
        sums[i] += losses[i];
      }
      double[] expected = Shares.softmax(new double[] {-eta * sums[0], -eta * sums[1], -eta * sums[2]});
      assertThat(exp4.weights(state, models, GROWN)).containsExactly(expected, within(1e-9));
    }
  }

  @Test
  void fixedShareFollowsItsFormula() {
    FixedShare fixedShare = new FixedShare(0.3, 0.01);
    FixedShare.LogWeights state = World.admitted(fixedShare, models);
    double[] w = Shares.equal(3);
    RandomGenerator random = World.random(4);
    for (int round = 0; round < 500; round++) {
      double[] losses = {random.nextInt(2), random.nextInt(2), 0};
      state = fixedShare.observe(state, new Observation(World.judged(models, losses), models));
      double[] v = {w[0] * Math.exp(-0.3 * losses[0]), w[1] * Math.exp(-0.3 * losses[1]), w[2]};
      for (int i = 0; i < 3; i++) {
        w[i] = 0.99 * v[i] / (v[0] + v[1] + v[2]) + 0.01 / 3;
      }
      assertThat(fixedShare.weights(state, models, GROWN)).containsExactly(w.clone(), within(1e-9));
      w = fixedShare.weights(state, models, GROWN);
    }
  }

  @Test
  void fixedShareWithoutAShareIsHedge() {
    FixedShare hedge = new FixedShare(0.3, 0);
    FixedShare.LogWeights state = World.admitted(hedge, models);
    for (int round = 0; round < 10_000; round++) {
      state = hedge.observe(state, new Observation(World.judged(models, 1, 0, 0), models));
    }
    assertThat(state.scores().at(0) - state.scores().at(1)).isEqualTo(-3000, within(1e-6));
  }

  @Test
  void oneThatSleepsKeepsItsShareAgainstTheRest() {
    keepsItsShareAsleep(new Exp3(0.1));
    keepsItsShareAsleep(new Exp4(0.1));
    keepsItsShareAsleep(new FixedShare(0.1, 1e-3));
  }

  @Test
  void theOthersGoOnAmongThemselvesAsIfTheSleeperWereNotThere() {
    Exp4 exp4 = new Exp4(0.1);
    List<ModelId> awake = models.subList(0, 2);
    RelativeLosses three = World.admitted(exp4, models);
    RelativeLosses two = World.admitted(exp4, awake);
    for (int round = 0; round < 100; round++) {
      Observation observation = new Observation(World.judged(awake, round % 2, 0.3), awake);
      three = exp4.observe(three, observation);
      two = exp4.observe(two, observation);
    }
    assertThat(exp4.weights(three, awake, GROWN)).containsExactly(exp4.weights(two, awake, GROWN), within(1e-9));
  }

  @Test
  void aNewcomerOfWhomNothingIsKnownHasTheMeanWeightOfItsPeers() {
    admitsAtTheMean(new Exp3(0.1));
    admitsAtTheMean(new Exp4(0));
    admitsAtTheMean(new FixedShare(0.3, 1e-3));
  }

  @Test
  void whatIsBelievedOfANewcomerIsWorthThatManyObservations() {
    Exp4 exp4 = new Exp4(0.1);
    RelativeLosses state = World.admitted(exp4, models.subList(0, 2));
    state = exp4.admit(state, models.subList(0, 2), List.of(new Prior(models.get(2), 0.6, 20, 0.1)));
    double worse = Math.exp(-0.1 * 20 * 0.5);
    assertThat(exp4.weights(state, models, GROWN)[2]).isEqualTo(worse / (2 + worse), within(1e-12));
  }

  private <S extends PolicyState> void keepsItsShareAsleep(SelectionPolicy<S> policy) {
    S state = World.admitted(policy, models);
    for (int round = 0; round < 50; round++) {
      state = policy.observe(state, new Observation(World.judged(models, round % 2, 0.4, 0.1), models));
    }
    double before = policy.weights(state, models, GROWN)[2];
    List<ModelId> awake = models.subList(0, 2);
    for (int round = 0; round < 1_000; round++) {
      state = policy.observe(state, new Observation(World.judged(awake, round % 3 == 0 ? 1 : 0, 0.9), awake));
    }
    assertThat(policy.weights(state, models, GROWN)[2]).as(policy.name()).isEqualTo(before, within(1e-9));
  }

  private <S extends PolicyState> void admitsAtTheMean(SelectionPolicy<S> policy) {
    List<ModelId> peers = models.subList(0, 2);
    S state = World.admitted(policy, peers);
    for (int round = 0; round < 300; round++) {
      state = policy.observe(state, new Observation(World.judged(peers, 0.9, 0.1), peers));
    }
    S more = policy.admit(state, peers, List.of(new Prior(models.get(2), 0, 0, 0)));
    assertThat(policy.weights(more, models, GROWN)[2]).as(policy.name()).isEqualTo(1.0 / 3, within(1e-9));
  }
}
