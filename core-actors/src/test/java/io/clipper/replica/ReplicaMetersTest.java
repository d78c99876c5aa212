package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReplicaMetersTest {
  private final MockClock clock = new MockClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
  private final ReplicaMeters meters = new ReplicaMeters(registry, new ModelId("m", "1"));

  @Test
  void theLastInferenceIsWhenABatchCameBack() {
    assertThat(registry.get(ReplicaMeters.LAST_INFERENCE).gauge().value()).isZero();
    clock.add(Duration.ofMillis(1500));
    meters.computed(3, 1_000);
    double then = clock.wallTime() / 1000.0;
    clock.add(Duration.ofHours(1));
    assertThat(registry.get(ReplicaMeters.LAST_INFERENCE).tag("model_name", "m").gauge().value()).isEqualTo(then);
  }

  @Test
  void batchesAreTalliedByTheirSize() {
    meters.computed(3, 1_000);
    meters.computed(1, 400);
    meters.computed(3, 1_500);
    assertThat(meters.batches()).containsExactly(new BatchTally(1, 1, 400), new BatchTally(3, 2, 2_500));
  }
}
