package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The best of five models, if only it answered: how soon each policy goes by the others. */
class FaultyModelTest {
  private static final double[] ACCURACIES = {.98, .9, .85, .8, .7};

  /** What lateness alone costs. */
  private static final double ALWAYS_LATE = .5;

  private static final double NEVER_ANSWERS = 1;

  private static final int RUNS = World.THOROUGH ? 50 : 20;

  private final List<ModelId> models = World.models(5);

  static Stream<String> weighing() {
    return learning().filter(name -> !Policies.of(new PolicySettings(name)).plays());
  }

  static Stream<String> playing() {
    return learning().filter(name -> Policies.of(new PolicySettings(name)).plays());
  }

  private static Stream<String> learning() {
    return Policies.names().stream().filter(name -> !name.equals(Single.NAME) && !name.equals(Uniform.NAME));
  }

  @ParameterizedTest
  @MethodSource("weighing")
  void hasNoVoteToSpeakOfAfterTwoHundredLabels(String policy) {
    assertThat(share(policy, ALWAYS_LATE, 200)).isLessThan(.01);
    assertThat(share(policy, NEVER_ANSWERS, 200)).isLessThan(.01);
  }

  /** They ask one model, so that they learn from one loss where the others learn from five. */
  @ParameterizedTest
  @MethodSource("playing")
  void isHardlyPlayedAfterAThousandLabels(String policy) {
    assertThat(share(policy, ALWAYS_LATE, 200)).isLessThanOrEqualTo(.051);
    assertThat(share(policy, NEVER_ANSWERS, 200)).isLessThanOrEqualTo(.021);
    assertThat(share(policy, ALWAYS_LATE, 1_000)).isLessThan(.011);
    assertThat(share(policy, NEVER_ANSWERS, 1_000)).isLessThan(.0101);
  }

  @Test
  void exp3GoesOnPlayingItLessAndLess() {
    assertThat(share(Exp3.NAME, NEVER_ANSWERS, 5_000)).isLessThan(.001);
    assertThat(share(Exp3.NAME, ALWAYS_LATE, 5_000)).isLessThan(.001);
  }

  /** The failing model's share of the choice or of the vote after so many labels; the mean of some runs. */
  private double share(String policy, double lateness, int labels) {
    double sum = 0;
    for (int seed = 0; seed < RUNS; seed++) {
      RandomGenerator random = World.random(seed);
      Learner learner = Learner.start(new PolicySettings(policy)).admit(models, Map.of());
      for (int label = 0; label < labels; label++) {
        Selection selection = learner.select(models, 8, 0, random);
        Observation right = World.observed(selection, models, ACCURACIES, random);
        List<Judged> judged = right.judged().stream().map(one -> one.model().equals(models.getFirst()) ? late(one, lateness) : one).toList();
        learner = learner.observe(new Observation(judged, models));
      }
      sum += learner.weights(models).getOrDefault(models.getFirst(), 0.0);
    }
    return sum / RUNS;
  }

  private static Judged late(Judged judged, double lateness) {
    return new Judged(judged.model(), lateness + (1 - lateness) * judged.loss(), judged.probability());
  }
}
