package io.clipper.catalog;

import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Applications, models and ways to change a catalog that the tests of this package share. */
final class CatalogExamples {
  static final ApplicationRules ANY = application -> {};

  private CatalogExamples() {}

  static Application application(String name, String inputType, String... models) {
    return new Application(
        name, Signature.named(inputType), Duration.ofMillis(1), "4.3", LearningSettings.DEFAULT, List.of(models));
  }

  static ModelVersion version(String model, String version, String inputType) {
    return new ModelVersion(
        new ModelId(model, version),
        Signature.named(inputType),
        new RuntimeSpec.PlugIn("no-op", Map.of("sleep", "1ms")),
        Optional.of("0".repeat(64)),
        List.of("label1", "label2", "label3"),
        "clipper/sklearn_cifar",
        "/tmp/model/repo/m/1",
        ModelVersion.ADAPTIVE,
        true);
  }

  static CatalogChange add(Application application) {
    return new CatalogChange.AddApplication(application);
  }

  static CatalogChange add(ModelVersion version) {
    return new CatalogChange.AddModelVersion(version, Optional.empty());
  }

  static CatalogChange link(String application, String... models) {
    return new CatalogChange.LinkModels(application, List.of(models));
  }

  static Catalog after(CatalogChange... changes) {
    return after(Catalog.EMPTY, changes);
  }

  static Catalog after(Catalog start, CatalogChange... changes) {
    Catalog catalog = start;
    for (CatalogChange change : changes) {
      for (CatalogEvent event : catalog.decide(change, ANY)) {
        catalog = catalog.after(event);
      }
    }
    return catalog;
  }
}
