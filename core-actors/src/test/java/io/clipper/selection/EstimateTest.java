package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EstimateTest {
  private static final double SHADOW = 0.2;
  private final List<ModelId> models = World.models(3);
  private final RandomGenerator random = World.random(5);

  @ParameterizedTest
  @ValueSource(strings = {"thompson", "thompson-gaussian", "lints"})
  void theStateThatChoseIsCountedAndNotTheOneAfterIt(String policy) {
    Learner chose = taught(Learner.start(new PolicySettings(policy)).admit(models, Map.of()), 30, 1, 0, 1);
    Selection selection = chose.select(models, 8, random);
    Learner later = taught(chose, 400, 0, 1, 1);

    Selection known = selection.known();

    ModelId played = selection.played().orElseThrow();
    assertThat(known.asked()).containsExactly(new Selection.Choice(played, weight(chose, played), weight(chose, played)));
    assertThat(weight(later, played)).isNotEqualTo(weight(chose, played));
    assertThat(known.known()).isEqualTo(known);
    assertThat(known.propensity()).isEqualTo(Propensity.ESTIMATED);
  }

  /** Lots are drawn for whom to play, and for the shadow; a count would draw hundreds for each model. */
  @Test
  void toChooseCountsNothing() {
    Learner learner = taught(Learner.start(new PolicySettings("thompson")).admit(models, Map.of()), 30, 1, 0, 1);
    CountedRandom counted = new CountedRandom();
    int selections = 500;
    int shadowed = 0;

    for (int i = 0; i < selections; i++) {
      shadowed += learner.select(models, 8, SHADOW, counted).asked().size() == models.size() ? 1 : 0;
    }

    assertThat(shadowed).isBetween(50, 150);
    assertThat(counted.drawn / (double) selections).isLessThan(60);
  }

  @Test
  void aShadowAsksAllAndEachIsObservedAsOftenAsIsCountedLater() {
    Learner learner = taught(Learner.start(new PolicySettings("thompson")).admit(models, Map.of()), 30, .5, .4, 1);
    Map<ModelId, Double> weights = learner.weights(models);
    Set<Integer> sizes = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Selection selection = learner.select(models, 8, SHADOW, random);
      sizes.add(selection.asked().size());
      assertThat(selection.asked().stream().mapToDouble(Selection.Choice::weight).sum()).isEqualTo(1);
      for (Selection.Choice choice : selection.known().asked()) {
        double weight = weights.getOrDefault(choice.model(), 0.0);
        assertThat(choice.weight()).isEqualTo(weight);
        assertThat(choice.probability()).isEqualTo(SHADOW + (1 - SHADOW) * weight, within(1e-12));
      }
    }
    assertThat(sizes).containsExactlyInAnyOrder(1, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"single", "exp3", "tsallis-inf", "square-cb", "fixed-share", "ucb1", "linucb"})
  void othersKnowTheirProbabilities(String policy) {
    Selection selection = Learner.start(new PolicySettings(policy)).select(models, 8, SHADOW, random);

    assertThat(selection.estimate()).isEqualTo(Optional.empty());
    assertThat(selection.known()).isSameAs(selection);
  }

  private static double weight(Learner learner, ModelId model) {
    return learner.weights(World.models(3)).getOrDefault(model, 0.0);
  }

  private Learner taught(Learner learner, int labels, double... losses) {
    Learner next = learner;
    for (int i = 0; i < labels; i++) {
      next = next.observe(new Observation(World.judged(models, losses), models));
    }
    return next;
  }

  private static final class CountedRandom implements RandomGenerator {
    private final RandomGenerator random = World.random(6);
    private long drawn;

    @Override
    public long nextLong() {
      drawn++;
      return random.nextLong();
    }
  }
}
