package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VersionMetersTest {
  private static final ModelId OLD = new ModelId("m", "1");
  private static final ModelId NEW = new ModelId("m", "2");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Set<ModelId> catalog = new HashSet<>(List.of(OLD, NEW));
  private final VersionMeters meters = new VersionMeters(registry, catalog::contains);

  @Test
  void aVersionThatIsGoneTakesItsOwnMetersAlong() {
    Counter ofAnApplication = Counter.builder("chosen").tags("app", "a", "model_name", "m", "model_version", "1").register(registry);
    meters.of(OLD).computed(2, 1_000);
    meters.of(NEW).predicted(5);
    catalog.remove(OLD);

    meters.tidy();
    meters.of(OLD).predicted(1);

    assertThat(registry.find("chosen").counter()).isSameAs(ofAnApplication);
    registry.remove(ofAnApplication);
    assertThat(registry.getMeters()).isNotEmpty().allSatisfy(meter -> assertThat(meter.getId().getTag("model_version")).isEqualTo("2"));
    assertThat(registry.get(ReplicaMeters.PREDICTED).counter().count()).isEqualTo(5);
    assertThat(meters.batches(OLD)).isEmpty();
  }

  @Test
  void aVersionThatComesBackIsCountedAnew() {
    meters.of(OLD).predicted(3);
    catalog.remove(OLD);
    meters.tidy();
    catalog.add(OLD);

    meters.of(OLD).predicted(1);

    assertThat(registry.get(ReplicaMeters.PREDICTED).counter().count()).isEqualTo(1);
  }

  @Test
  void aVersionThatIsBackBeforeAnybodyTidiesKeepsItsMeters() {
    ReplicaMetrics before = meters.of(OLD);
    catalog.remove(OLD);
    catalog.add(OLD);

    meters.tidy();

    before.predicted(3);
    assertThat(meters.of(OLD)).isSameAs(before);
    assertThat(registry.get(ReplicaMeters.PREDICTED).counter().count()).isEqualTo(3);
  }
}
