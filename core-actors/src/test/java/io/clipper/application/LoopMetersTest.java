package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LoopMetersTest {
  private static final ModelId V1 = new ModelId("m", "1");
  private static final ModelId V2 = new ModelId("m", "2");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final LoopMeters meters = new LoopMeters(registry);

  @Test
  void whoIsNoCandidateAnyMoreWeighsNothing() {
    meters.of("shop").weigh(Map.of(V1, 1.0));
    meters.of("shop").weigh(Map.of(V2, 1.0));

    assertThat(registry.get(LoopMeters.PROBABILITY).tag("model_version", "1").gauge().value()).isZero();
    assertThat(registry.get(LoopMeters.PROBABILITY).tag("model_version", "2").gauge().value()).isEqualTo(1);
  }

  @Test
  void whatIsDeletedLeavesTheRegistryAndStartsAnewWhenItComesBack() {
    for (String application : List.of("shop", "other")) {
      meters.of(application).of(V1).selected();
      meters.of(application).of(V2).selected();
      meters.of(application).unmatched();
    }

    meters.keepOnly(catalog(Set.of("shop"), V2));
    assertThat(tags("app")).containsExactly("shop");
    assertThat(tags("model_version")).containsExactly("2");

    meters.of("other").of(V1).selected();
    assertThat(registry.get(LoopMeters.SELECTION).tag("app", "other").counter().count()).isEqualTo(1);
    assertThat(registry.get(LoopMeters.SELECTION).tag("app", "shop").counter().count()).isEqualTo(1);
  }

  private Set<String> tags(String key) {
    return registry.getMeters().stream().map(Meter::getId).map(id -> id.getTag(key)).filter(value -> value != null).collect(Collectors.toSet());
  }

  private static Catalog catalog(Set<String> names, ModelId id) {
    Map<String, Application> applications = new LinkedHashMap<>();
    for (String name : names) {
      applications.put(
          name,
          new Application(name, InputType.DOUBLES.signature(), Duration.ofSeconds(1), "-1", LearningSettings.DEFAULT, List.of(id.name())));
    }
    ModelVersion version = ModelVersion.of(id, InputType.DOUBLES.signature(), new RuntimeSpec.Announced(), Optional.empty());
    Model model = new Model(id.name(), Map.of(id.version(), version), Optional.of(id.version()), List.of(), 1);
    return new Catalog(1, applications, Map.of(id.name(), model));
  }
}
