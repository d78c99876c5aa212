package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How many labels a context needs that differs from all others, after a thousand observations of those and after a million. */
class PersonalisationTest {
  private static final int MOST_LABELS = 60;
  private final List<ModelId> models = World.models(5);

  static Stream<String> learning() {
    return Policies.names().stream().filter(name -> !name.equals(Single.NAME) && !name.equals(Uniform.NAME));
  }

  @ParameterizedTest
  @MethodSource("learning")
  void aContextNeedsNoMoreLabelsHoweverMuchTheOthersLearned(String policy) {
    int afterAThousand = labelsNeeded(policy, 1_000);
    assertThat(labelsNeeded(policy, 1_000_000)).isEqualTo(afterAThousand);
    assertThat(afterAThousand).isBetween(2, MOST_LABELS);
  }

  /** Until the model that is worst for all others and best here has most of the choice. */
  private int labelsNeeded(String policy, long observations) {
    List<Standing> standings = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      standings.add(new Standing(models.get(i), 0, 0, observations, observations * (.1 + .1 * i)));
    }
    PolicySettings settings = new PolicySettings(policy);
    Learner global = new Learner(settings, Policies.of(settings).start(), List.of(), standings, observations).admit(models, Map.of());
    Learner context = global.contextLearner();
    Observation label = new Observation(World.judged(models, 1, 1, 1, 1, 0), models);
    int labels = 0;
    while (context.weights(models).getOrDefault(models.getLast(), 0.0) <= .5 && labels <= MOST_LABELS) {
      context = context.observe(label);
      labels++;
    }
    return labels;
  }
}
