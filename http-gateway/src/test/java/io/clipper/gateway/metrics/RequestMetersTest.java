package io.clipper.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequestMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Set<String> applications = new HashSet<>();
  private final RequestMeters meters = new RequestMeters(registry, applications::contains, () -> 0);

  @Test
  void applicationsThatComeAndGoLeaveNoMeters() {
    served("first");
    int ofOne = registry.getMeters().size();

    for (int i = 0; i < 10; i++) {
      applications.clear();
      served("next" + i);
    }

    assertThat(meters.all()).containsOnlyKeys("next9");
    assertThat(registry.getMeters()).hasSize(ofOne);
  }

  @Test
  void whoAsksForNothingThatThereIsStaysCounted() {
    meters.of(MetricNames.UNKNOWN).predicted(Protocol.CLIPPER, Outcome.INVALID, 0);

    meters.tidy();

    assertThat(registry.get(MetricNames.REQUESTS).tag(MetricNames.OUTCOME, Outcome.INVALID.label()).counters())
        .anySatisfy(counter -> assertThat(counter.count()).isEqualTo(1));
  }

  private void served(String application) {
    applications.add(application);
    meters.of(application).predicted(Protocol.CLIPPER, Outcome.OK, 1_000);
  }
}
