package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.model.ModelId;
import io.clipper.selection.Observation.Judged;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservationTest {
  private final List<ModelId> models = World.models(2);
  private final Judged first = new Judged(models.get(0), 1, 1);

  @Test
  void aLossOrAProbabilityOutsideItsRangeIsRefused() {
    assertThatThrownBy(() -> new Judged(models.get(0), 1.1, 1)).hasMessage("loss 1.1 of m0:1 is outside 0..1");
    assertThatThrownBy(() -> new Judged(models.get(0), Double.NaN, 1)).hasMessage("loss NaN of m0:1 is outside 0..1");
    assertThatThrownBy(() -> new Judged(models.get(0), 1, 0)).hasMessage("probability 0.0 of m0:1 is not above 0 and at most 1");
  }

  @Test
  void eachIsJudgedOnceAndIsACandidate() {
    assertThatThrownBy(() -> new Observation(List.of(first, first), models)).hasMessage("m0:1 is judged twice");
    assertThatThrownBy(() -> new Observation(List.of(first), models.subList(1, 2))).hasMessage("m0:1 is judged and is not a candidate");
    assertThatThrownBy(() -> new Observation(List.of(first), List.of(models.get(0), models.get(0))))
        .hasMessage("candidate m0:1 is there twice");
  }
}
