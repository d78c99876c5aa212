package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogEvent;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Deployments that fail, by the catalog's own rules. */
class WayBackTest {
  private static final Signature FLOATS = Signature.named("floats");

  /** Version 1 is in use, version 2 is there, and version 0 was in use before both. */
  private final Catalog before =
      after(Catalog.EMPTY, add("0"), add("2"), add("1"), new CatalogChange.AddApplication(application("shop")), new CatalogChange.LinkModels("shop", List.of("m")));

  @Test
  void aNewVersionGoesWithItsNumberOfCopies() {
    assertThat(failed(before, deploy("3", Optional.of(5), Optional.of("other"), Optional.empty()))).isEqualTo(before.models());
  }

  @Test
  void aNewModelGoesWithItsApplication() {
    CatalogChange.Deploy deploy = new CatalogChange.Deploy(version("new", "1", new RuntimeSpec.Onnx()), Optional.of(2), Optional.of(application("other", "new")));

    Catalog undone = undone(before, after(before, deploy), deploy);

    assertThat(undone.models()).isEqualTo(before.models());
    assertThat(undone.applications()).isEqualTo(before.applications());
  }

  @Test
  void aLinkGoesAndItsApplicationStays() {
    Catalog linkless = after(before, new CatalogChange.UnlinkModels("shop", List.of("m")));
    CatalogChange.Deploy deploy = deploy("3", Optional.empty(), Optional.of("shop"), Optional.empty());

    assertThat(undone(linkless, after(linkless, deploy), deploy).applications()).isEqualTo(linkless.applications());
  }

  @Test
  void aCanaryThatTheDeploymentEndedGoesOn() {
    Catalog canary = after(before, new CatalogChange.StartCanary("m", "2", 10));

    assertThat(failed(canary, deploy("3", Optional.empty(), Optional.empty(), Optional.empty()))).isEqualTo(canary.models());
    assertThat(failed(canary, deploy("3", Optional.of(4), Optional.empty(), Optional.of(20)))).isEqualTo(canary.models());
    assertThat(failed(canary, deploy("2", Optional.empty(), Optional.empty(), Optional.of(20)))).isEqualTo(canary.models());
  }

  @Test
  void aVersionThatWasThereIsOutOfUseAgain() {
    assertThat(failed(before, deploy("2", Optional.of(3), Optional.empty(), Optional.of(20)))).isEqualTo(before.models());

    Model taken = model(undone(before, after(before, deploy("2")), deploy("2")));
    assertThat(taken.current()).contains("1");
    assertThat(taken.versions()).isEqualTo(model(before).versions());
  }

  @Test
  void theSameDeploymentAgainUndoesNothing() {
    CatalogChange.Deploy again = deploy("1");

    assertThat(new WayBack(again, before.model("m"), Optional.empty()).from(before.model("m"), Optional.empty())).isEmpty();
  }

  @Test
  void whatSomebodyElsePutIntoUseMeanwhileStaysAsItIs() {
    Catalog canary = after(before, new CatalogChange.StartCanary("m", "2", 10));
    CatalogChange.Deploy deploy = deploy("3", Optional.of(5), Optional.of("other"), Optional.empty());
    Catalog theirs = after(canary, deploy, new CatalogChange.AddModelVersion(version("m", "4", new RuntimeSpec.Onnx()), Optional.empty()));

    Catalog undone = undone(canary, theirs, deploy);

    assertThat(model(undone).current()).contains("4");
    assertThat(model(undone).versions()).doesNotContainKey("3").containsKey("4");
    assertThat(model(undone).replicas()).isEqualTo(5);
    assertThat(model(undone).canary()).isEmpty();
    assertThat(undone.applications()).isEqualTo(theirs.applications());
  }

  @Test
  void aNumberOfCopiesOrACanaryThatSomebodyElseSetStays() {
    CatalogChange.Deploy deploy = deploy("3", Optional.of(5), Optional.empty(), Optional.of(20));
    Catalog theirs = after(before, deploy, new CatalogChange.SetReplicas("m", 7), new CatalogChange.StartCanary("m", "2", 30));

    Model undone = model(undone(before, theirs, deploy));

    assertThat(undone.replicas()).isEqualTo(7);
    assertThat(undone.canary()).contains(new Canary("2", 30));
    assertThat(undone.current()).contains("1");
  }

  @Test
  void whatSomebodyElseTookAwayIsNoFault() {
    CatalogChange.Deploy deploy = deploy("3", Optional.empty(), Optional.of("other"), Optional.empty());
    Catalog theirs = after(before, deploy, new CatalogChange.DeleteApplication("other"), new CatalogChange.DeleteModelVersion("m", "3"));

    assertThat(undone(before, theirs, deploy)).isEqualTo(theirs);
  }

  @Test
  void ofAModelThatNoNodeStartsNoNumberIsSet() {
    Catalog announced = after(Catalog.EMPTY, new CatalogChange.AddModelVersion(version("m", "1", new RuntimeSpec.Announced()), Optional.empty()));
    CatalogChange.Deploy deploy = deploy("3", Optional.of(5), Optional.empty(), Optional.of(20));

    Model undone = model(undone(announced, after(announced, deploy), deploy));

    assertThat(undone.versions()).containsOnlyKeys("1");
    assertThat(undone.canary()).isEmpty();
  }

  /** The models after a deployment that failed while nobody else changed anything. */
  private static Object failed(Catalog before, CatalogChange.Deploy deploy) {
    Catalog undone = undone(before, after(before, deploy), deploy);
    assertThat(undone.applications()).isEqualTo(before.applications());
    return undone.models();
  }

  private static Catalog undone(Catalog before, Catalog now, CatalogChange.Deploy deploy) {
    String model = deploy.version().id().name();
    Optional<String> application = deploy.application().map(Application::name);
    List<CatalogChange> changes =
        new WayBack(deploy, before.model(model), application.flatMap(before::application)).from(now.model(model), application.flatMap(now::application));
    return after(now, changes.toArray(CatalogChange[]::new));
  }

  private static Catalog after(Catalog catalog, CatalogChange... changes) {
    Catalog after = catalog;
    for (CatalogChange change : changes) {
      for (CatalogEvent event : after.decide(change, application -> {})) {
        after = after.after(event);
      }
    }
    return after;
  }

  private static Model model(Catalog catalog) {
    return catalog.model("m").orElseThrow();
  }

  private static CatalogChange add(String version) {
    return new CatalogChange.AddModelVersion(version("m", version, new RuntimeSpec.Onnx()), Optional.empty());
  }

  private static CatalogChange.Deploy deploy(String version) {
    return deploy(version, Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static CatalogChange.Deploy deploy(String version, Optional<Integer> replicas, Optional<String> application, Optional<Integer> percent) {
    return new CatalogChange.Deploy(version("m", version, new RuntimeSpec.Onnx()), replicas, application.map(name -> application(name, "m")), percent);
  }

  private static ModelVersion version(String model, String version, RuntimeSpec runtime) {
    return ModelVersion.of(new ModelId(model, version), FLOATS, runtime, Optional.empty());
  }

  private static Application application(String name, String... models) {
    return new Application(name, FLOATS, Duration.ofMillis(50), "0", LearningSettings.DEFAULT, List.of(models));
  }
}
