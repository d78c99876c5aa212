package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.batch.BatchLimit;
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
  void whatWaitsIsThatOfAllCopies() {
    meters.pending("one", 7);
    meters.pending("other", 0);
    assertThat(registry.get(ReplicaMeters.PENDING).gauge().value()).isEqualTo(7);
    meters.pending("other", 2);
    assertThat(registry.get(ReplicaMeters.PENDING).gauge().value()).isEqualTo(9);
    meters.gone("one");
    assertThat(registry.get(ReplicaMeters.PENDING).gauge().value()).isEqualTo(2);
  }

  @Test
  void whatIsUnderWayIsThatOfAllCopies() {
    meters.underWay("one", 2);
    meters.underWay("other", 1);
    assertThat(registry.get(ReplicaMeters.INFLIGHT).gauge().value()).isEqualTo(3);
    meters.underWay("other", 0);
    assertThat(registry.get(ReplicaMeters.INFLIGHT).gauge().value()).isEqualTo(2);
    meters.gone("one");
    assertThat(registry.get(ReplicaMeters.INFLIGHT).gauge().value()).isZero();
  }

  @Test
  void aLimitStandsWithItsReasonUntilItsCopyIsGone() {
    meters.limited("one", new BatchLimit(5, BatchLimit.Reason.OBJECTIVE));
    meters.limited("other", new BatchLimit(8, BatchLimit.Reason.OBJECTIVE));
    assertThat(limit("objective")).isEqualTo(8);
    meters.limited("other", new BatchLimit(9, BatchLimit.Reason.UNEXPLORED));
    assertThat(limit("objective")).isEqualTo(5);
    assertThat(limit("unexplored")).isEqualTo(9);
    assertThat(limit("fixed")).isZero();
    meters.gone("other");
    assertThat(limit("unexplored")).isZero();
  }

  private double limit(String reason) {
    return registry.get(ReplicaMeters.BATCH_LIMIT).tag("reason", reason).gauge().value();
  }

  @Test
  void batchesAreTalliedByTheirSize() {
    meters.computed(3, 1_000);
    meters.computed(1, 400);
    meters.computed(3, 1_500);
    assertThat(meters.batches()).containsExactly(new BatchTally(1, 1, 400), new BatchTally(3, 2, 2_500));
  }
}
