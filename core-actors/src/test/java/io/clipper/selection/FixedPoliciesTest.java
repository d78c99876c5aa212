package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import java.util.List;
import org.junit.jupiter.api.Test;

class FixedPoliciesTest {
  private final List<ModelId> models = World.models(3);
  private final Observation lostByTheFirst = new Observation(World.judged(models, 1, 0, 0), models);

  @Test
  void singlePlaysTheFirstWhateverItLost() {
    Single single = new Single();
    Nothing state = single.observe(single.start(), lostByTheFirst);
    double[] weights = single.weights(state, models, new boolean[] {true, false, false});
    assertThat(weights).containsExactly(1, 0, 0);
    assertThat(single.select(new Nothing(), models, new boolean[3], Features.NONE, 8, World.random(1)).played()).contains(models.getFirst());
  }

  @Test
  void uniformAsksAllWithTheSameWeightWhateverTheyLost() {
    Uniform uniform = new Uniform();
    Nothing state = uniform.observe(uniform.start(), lostByTheFirst);
    double[] weights = uniform.weights(state, models, new boolean[3]);
    assertThat(weights).containsExactly(1.0 / 3, 1.0 / 3, 1.0 / 3);
    assertThat(uniform.select(new Nothing(), models, new boolean[3], Features.NONE, 8, World.random(1)).asked()).hasSize(3);
  }
}
