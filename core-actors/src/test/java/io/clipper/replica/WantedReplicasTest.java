package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.Application;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.WantedReplicas.Wanted;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WantedReplicasTest {
  private static final Signature DOUBLES = Signature.named("doubles");

  @Test
  void theVersionInUseAndTheOneBeforeItAreWanted() {
    List<Wanted> wanted = WantedReplicas.of(List.of(model("m", 3, "3", "1", "2")), List.of());

    assertThat(wanted).extracting(one -> one.version().id().toString()).containsExactly("m:3", "m:2");
    assertThat(wanted).extracting(Wanted::replicas).containsOnly(3);
  }

  @Test
  void afterARollBackTheVersionLeftIsNotTakenTwice() {
    List<Wanted> wanted = WantedReplicas.of(List.of(model("m", 1, "1", "1", "gone", "1")), List.of());

    assertThat(wanted).extracting(one -> one.version().id().toString()).containsExactly("m:1");
  }

  @Test
  void theObjectiveIsHalfOfTheStrictestApplicationThatAsks() {
    List<Application> applications = List.of(application(100, "m"), application(40, "m", "other"), application(10, "other"));

    assertThat(WantedReplicas.of(List.of(model("m", 1, "1")), applications).getFirst().objective()).isEqualTo(Duration.ofMillis(20));
    assertThat(WantedReplicas.of(List.of(model("x", 1, "1")), applications).getFirst().objective()).isEqualTo(Duration.ofMillis(50));
  }

  @Test
  void whatAnnouncesItselfIsNotStarted() {
    ModelVersion announced = ModelVersion.of(new ModelId("m", "1"), DOUBLES, new RuntimeSpec.Announced(), Optional.empty());
    Model model = new Model("m", Map.of("1", announced), Optional.of("1"), List.of(), 1);

    assertThat(WantedReplicas.of(List.of(model), List.of())).isEmpty();
  }

  @Test
  void ofAModelForEveryNodeThePlacementSaysWhichCopies() {
    Wanted wanted = WantedReplicas.of(List.of(model("m", Model.EVERY_NODE, "1")), List.of()).getFirst();

    assertThat(wanted.copies()).isEmpty();
    assertThat(wanted.numbered(Set.of(4, 1)).copies()).extracting(CopyId::replica).containsExactly(1, 4);
    assertThat(wanted.numbered(Set.of(4)).wants(new CopyId(wanted.version().id(), 4))).isTrue();
  }

  @Test
  void aModelWithoutAVersionInUseWantsNothing() {
    Model model = new Model("m", Map.of(), Optional.empty(), List.of(), 1);

    assertThat(WantedReplicas.of(List.of(model), List.of())).isEmpty();
  }

  private static Model model(String name, int replicas, String current, String... previous) {
    Map<String, ModelVersion> versions = new LinkedHashMap<>();
    for (String version : List.of("1", "2", "3")) {
      versions.put(version, ModelVersion.of(new ModelId(name, version), DOUBLES, new RuntimeSpec.Onnx(), Optional.empty()));
    }
    return new Model(name, versions, Optional.of(current), List.of(previous), replicas);
  }

  private static Application application(long sloMillis, String... models) {
    return new Application("app", DOUBLES, Duration.ofMillis(sloMillis), "0", LearningSettings.DEFAULT, List.of(models));
  }
}
