package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpsilonGreedyTest {
  private final List<ModelId> models = World.models(4);
  private final EpsilonGreedy policy = new EpsilonGreedy(0.2);
  private final Means untried = World.admitted(policy, models);

  @Test
  void theLeastMeanLossIsPlayedButForTheExploration() {
    Means state = observed(untried, .3, .1, .2, .4);
    assertThat(policy.weights(state, models, new boolean[4])).containsExactly(new double[] {.05, .85, .05, .05}, within(1e-12));
  }

  @Test
  void ofEqualMeansTheEarlierCandidateIsTheBest() {
    assertThat(policy.weights(untried, models, new boolean[4])[0]).isEqualTo(.85, within(1e-12));
    assertThat(policy.weights(untried, List.of(models.get(2), models.get(0)), new boolean[2])[0]).isEqualTo(.9, within(1e-12));
  }

  @Test
  void whatIsBelievedCountsAsSoManyObservations() {
    ModelId newcomer = new ModelId("m9", "1");
    Means state = policy.admit(untried, List.of(), List.of(new Prior(newcomer, 0.5, 20, 0.1)));
    state = policy.observe(state, new Observation(World.judged(List.of(newcomer), 0.0), List.of(newcomer)));
    assertThat(state.mean(4)).isEqualTo(10.0 / 21);
  }

  @Test
  void aYoungBestHasAnEqualShareAndTheRestGoesToTheBestOfTheOthers() {
    Means state = observed(untried, .3, .1, .2, .4);
    double[] weights = policy.weights(state, models, new boolean[] {false, true, false, false});
    assertThat(weights).containsExactly(new double[] {.05, .25, .65, .05}, within(1e-12));
  }

  private Means observed(Means state, double... losses) {
    return policy.observe(state, new Observation(World.judged(models, losses), models));
  }
}
