package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static final ModelId OTHER = new ModelId("other", "1");
  private static final ModelId IN_USE = new ModelId("m", "1");
  private static final ModelId CANARY = new ModelId("m", "2");

  @Test
  void aQueryAsksTheCanaryOrTheVersionInUseTheSameForTheSameContext() {
    Candidates candidates = candidates(Set.of(OTHER, IN_USE, CANARY));

    assertThat(candidates.models()).containsExactly(OTHER, IN_USE, CANARY);
    assertThat(candidates.successions()).containsExactly(new LedgerEvent.Succession(CANARY, IN_USE));
    for (int user = 0; user < 100; user++) {
      List<ModelId> asked = candidates.of(Optional.of("user-" + user), user);
      assertThat(asked).isIn(List.of(OTHER, IN_USE), List.of(OTHER, CANARY));
      assertThat(candidates.of(Optional.of("user-" + user), 1000 + user)).isEqualTo(asked);
    }
  }

  @Test
  void withoutContextItsShareOfTheQueriesAsksTheCanary() {
    Candidates candidates = candidates(Set.of(OTHER, IN_USE, CANARY));

    long asked = IntStream.range(0, 10_000).filter(query -> candidates.of(Optional.empty(), query).contains(CANARY)).count();

    assertThat(asked).isBetween(2_800L, 3_200L);
  }

  @Test
  void aCanaryThatIsNotWarmTakesNothing() {
    Candidates candidates = candidates(Set.of(OTHER, IN_USE));

    assertThat(candidates.models()).containsExactly(OTHER, IN_USE);
    assertThat(candidates.of(Optional.of("anyone"), 1)).containsExactly(OTHER, IN_USE);
  }

  private static Candidates candidates(Set<ModelId> ready) {
    Application application =
        new Application("a", Signature.named("doubles"), Duration.ofMillis(50), "", LearningSettings.DEFAULT, List.of("other", "m"));
    Model other = new Model("other", Map.of("1", version(OTHER)), Optional.of("1"), List.of(), 1);
    Model model =
        new Model("m", Map.of("1", version(IN_USE), "2", version(CANARY)), Optional.of("1"), List.of(), 1, Optional.of(new Canary("2", 30)));
    Catalog catalog = new Catalog(1, Map.of("a", application), Map.of("other", other, "m", model));
    return Candidates.of(application, catalog, ready, ready);
  }

  private static ModelVersion version(ModelId id) {
    return ModelVersion.of(id, Signature.named("doubles"), new RuntimeSpec.Announced(), Optional.empty());
  }
}
