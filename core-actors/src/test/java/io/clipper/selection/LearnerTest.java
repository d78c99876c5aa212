package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LearnerTest {
  private static final double[] ACCURACIES = {.97, .97, .97, .93, .95};
  private static final double[] WITH_BAD_VERSIONS = {.4, .4, .4, .93, .95};
  private static final PolicySettings FIXED_SHARE = new PolicySettings("fixed-share");

  private final List<ModelId> models = World.models(5);
  private final List<ModelId> rolledOut = List.of(next(0), next(1), next(2), models.get(3), models.get(4));
  private final Map<ModelId, ModelId> predecessors = Map.of(next(0), models.get(0), next(1), models.get(1), next(2), models.get(2));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void badVersionsLoseTheirWeightAndARollbackBringsItBack(long seed) {
    RandomGenerator random = World.random(seed);
    Learner learner = taught(Learner.start(FIXED_SHARE), models, ACCURACIES, 300, random);
    learner = taught(learner.admit(rolledOut, predecessors), rolledOut, WITH_BAD_VERSIONS, 50, random);
    for (int i = 0; i < 3; i++) {
      assertThat(learner.weights(rolledOut).get(next(i))).isLessThan(0.05);
    }
    Map<ModelId, Double> highest = new HashMap<>();
    learner = learner.admit(models, Map.of());
    for (int label = 0; label < 100; label++) {
      learner = taught(learner, models, ACCURACIES, 1, random);
      learner.weights(models).forEach((model, weight) -> highest.merge(model, weight, Math::max));
    }
    for (int i = 0; i < 3; i++) {
      assertThat(highest.get(models.get(i))).isGreaterThan(0.05);
    }
  }

  @Test
  void aNewVersionStartsFromItsPredecessorsMeanWorthAtMostTwenty() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 100, .2, .3, .4, .5, .6);
    Standing heir = learner.admit(rolledOut, predecessors).standing(next(1)).orElseThrow();
    assertThat(heir.expectedLoss()).isEqualTo(.3, within(1e-12));
    assertThat(heir).extracting(Standing::priorObservations, Standing::observations).containsExactly(20.0, 0L);
    assertThat(heir.meanLoss()).isEmpty();
  }

  @Test
  void aPredecessorThatIsHardlyKnownIsWorthWhatIsKnownOfIt() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 3, .2, .3, .4, .5, .6);
    assertThat(learner.admit(rolledOut, predecessors).standing(next(1)).orElseThrow().priorObservations()).isEqualTo(3);
  }

  @Test
  void aNewCandidateStartsFromTheMedianOfTheOthers() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 100, .2, .9, .3, .5, .4);
    ModelId newcomer = new ModelId("new", "1");
    List<ModelId> more = new ArrayList<>(models);
    more.add(newcomer);
    Standing standing = learner.admit(more, Map.of()).standing(newcomer).orElseThrow();
    assertThat(standing.expectedLoss()).isEqualTo(.4, within(1e-12));
    assertThat(standing.priorObservations()).isEqualTo(20);
  }

  @Test
  void aYoungCandidateHasAtMostAnEqualShareUntilItHasTwentyOfItsOwn() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 100, 1, 1, 1, 1, 1);
    learner = learner.admit(rolledOut, predecessors);
    for (int label = 0; label < 19; label++) {
      learner = observed(learner, rolledOut, 1, 0, 1, 1, 1, 1);
      assertThat(learner.weights(rolledOut).get(next(0))).isLessThanOrEqualTo(0.2 + 1e-12);
    }
    learner = observed(learner, rolledOut, 1, 0, 1, 1, 1, 1);
    assertThat(learner.weights(rolledOut).get(next(0))).isGreaterThan(0.9);
  }

  @Test
  void aRollbackBringsTheOldVersionsOwnRecordBack() {
    Learner before = observed(Learner.start(FIXED_SHARE), models, 100, .2, .3, .4, .5, .6);
    Learner after = observed(before.admit(rolledOut, predecessors), rolledOut, 50, 1, 1, 1, .5, .6).admit(models, Map.of());
    assertThat(after.standing(models.get(0))).isEqualTo(before.standing(models.get(0)));
    assertThat(after.weights(models).get(models.get(0))).isEqualTo(before.weights(models).get(models.get(0)), within(0.05));
  }

  @Test
  void feedbackForAnOldVersionsPredictionTeachesTheOldVersion() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 10, .2, .3, .4, .5, .6).admit(rolledOut, predecessors);
    Learner taught = learner.observe(new Observation(List.of(new Judged(models.get(0), 1, 1)), models));
    assertThat(taught.standing(models.get(0)).orElseThrow().observations()).isEqualTo(11);
    assertThat(taught.standing(next(0))).isEqualTo(learner.standing(next(0)));
  }

  @Test
  void anotherPolicyStartsFromTheMeansAndTheOldOneComesBackUnchanged() {
    Learner fixedShare = observed(Learner.start(FIXED_SHARE), models, 100, .2, .3, .4, .5, .6);
    Learner exp4 = fixedShare.withPolicy(new PolicySettings("exp4", Map.of("eta", 0.1)));
    double[] expected = Shares.softmax(new double[] {-.1 * 20 * .2, -.1 * 20 * .3, -.1 * 20 * .4, -.1 * 20 * .5, -.1 * 20 * .6});
    assertThat(exp4.weights(models).values()).usingElementComparator(LearnerTest::nearly).containsExactly(boxed(expected));
    Learner back = observed(exp4, models, 100, 1, 0, 0, 0, 0).withPolicy(FIXED_SHARE);
    assertThat(back.state()).isEqualTo(fixedShare.state());
    assertThat(back.observations()).isEqualTo(200);
  }

  @Test
  void thePolicyThatComesBackMeetsWhoeverCameInTheMeantime() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 100, .2, .3, .4, .5, .6).withPolicy(new PolicySettings("exp4"));
    learner = observed(learner.admit(rolledOut, predecessors), rolledOut, 30, 0, 0, 0, 1, 1).withPolicy(FIXED_SHARE);
    assertThat(learner.weights(rolledOut).get(next(0))).isGreaterThan(learner.weights(rolledOut).get(models.get(3)));
  }

  @Test
  void theSamePolicyWithOtherOptionsGoesOn() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 100, .2, .3, .4, .5, .6);
    Learner faster = learner.withPolicy(new PolicySettings("fixed-share", Map.of("eta", 2.0)));
    assertThat(faster.state()).isEqualTo(learner.state());
    assertThat(faster.kept()).isEmpty();
    assertThat(faster.settings().options()).containsEntry("eta", 2.0);
  }

  @Test
  void aContextStartsFromTheMeansWorthTwentyWhateverTheTraffic() {
    Learner little = observed(Learner.start(FIXED_SHARE), models, 2, .2, .3, .4, .5, .6).contextLearner();
    Learner much = observed(Learner.start(FIXED_SHARE), models, 1_000, .2, .3, .4, .5, .6).contextLearner();
    double best = 1 / (1 + Math.exp(-.6) + Math.exp(-1.2) + Math.exp(-1.8) + Math.exp(-2.4));
    assertThat(little.weights(models).get(models.get(0))).isEqualTo(best, within(1e-9));
    assertThat(much.weights(models).get(models.get(0))).isEqualTo(best, within(1e-9));
    assertThat(much.observations()).isZero();
    assertThat(much.standing(models.get(0)).orElseThrow().observations()).isZero();
  }

  @Test
  void aContextGoesItsOwnWay() {
    Learner context = observed(Learner.start(FIXED_SHARE), models, 1_000, .1, .1, .1, .1, .3).contextLearner();
    context = observed(context, models, 50, 1, 1, 1, 1, 0);
    assertThat(context.weights(models).get(models.get(4))).isGreaterThan(0.9);
  }

  @Test
  void theSameObservationsGiveTheSameBits() {
    Learner once = taught(Learner.start(FIXED_SHARE), models, ACCURACIES, 500, World.random(1));
    Learner again = taught(Learner.start(FIXED_SHARE), models, ACCURACIES, 500, World.random(1));
    assertThat(again).isEqualTo(once);
    assertThat(again).isNotEqualTo(taught(Learner.start(FIXED_SHARE), models, ACCURACIES, 500, World.random(2)));
  }

  @Test
  void whatTeachesNothingIsNotCounted() {
    Learner learner = Learner.start(FIXED_SHARE).observe(new Observation(List.of(), models));
    assertThat(learner.observations()).isZero();
    assertThat(learner.standing(models.get(0)).orElseThrow().meanLoss()).isEmpty();
  }

  @Test
  void aForgottenVersionLeavesNoTraceAndTheOthersKeepTheirs() {
    Learner learner = observed(Learner.start(FIXED_SHARE), models, 100, .2, .3, .4, .5, .6).withPolicy(new PolicySettings("exp4"));
    Learner rest = learner.forget(models.get(0));
    assertThat(rest.toString()).contains("m1").doesNotContain("m0");
    List<ModelId> others = models.subList(1, 5);
    assertThat(rest.weights(others)).isEqualTo(learner.weights(others));
    assertThat(rest.withPolicy(FIXED_SHARE).weights(others)).isEqualTo(learner.withPolicy(FIXED_SHARE).weights(others));
  }

  @Test
  void withoutACandidateThereIsNoSelection() {
    Learner learner = Learner.start(FIXED_SHARE);
    assertThat(learner.weights(List.of())).isEmpty();
    assertThatThrownBy(() -> learner.select(List.of(), 8, World.random(1))).hasMessage("there is no candidate");
  }

  private static int nearly(double one, double other) {
    return Math.abs(one - other) < 1e-9 ? 0 : Double.compare(one, other);
  }

  private static Double[] boxed(double[] values) {
    return Arrays.stream(values).boxed().toArray(Double[]::new);
  }

  private static ModelId next(int model) {
    return new ModelId("m" + model, "2");
  }

  private static Learner observed(Learner learner, List<ModelId> candidates, int times, double... losses) {
    Learner next = learner;
    for (int i = 0; i < times; i++) {
      next = next.observe(new Observation(World.judged(candidates, losses), candidates));
    }
    return next;
  }

  private static Learner taught(Learner learner, List<ModelId> candidates, double[] accuracies, int labels, RandomGenerator random) {
    Learner next = learner;
    for (int label = 0; label < labels; label++) {
      double[] losses = new double[accuracies.length];
      for (int i = 0; i < losses.length; i++) {
        losses[i] = random.nextDouble() < accuracies[i] ? 0 : 1;
      }
      next = observed(next, candidates, 1, losses);
    }
    return next;
  }
}
