package io.clipper.load;

import io.clipper.application.ServingNode;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Simulated models of doubles, put behind applications of a node in this JVM. */
final class Deployed {
  private Deployed() {}

  /** One model of the application's own name. */
  static void one(ServingNode node, String application, Duration slo, RuntimeSpec spec, int batchSize) {
    model(node, application, application, slo, spec, batchSize);
  }

  /** Returns when the model is warm; further models of one application are linked to it. */
  static void model(ServingNode node, String application, String model, Duration slo, RuntimeSpec spec, int batchSize) {
    ModelId id = new ModelId(model, "1");
    ModelVersion version =
        new ModelVersion(id, InputType.DOUBLES.signature(), spec, Optional.empty(), List.of(), "", "", batchSize, false);
    Application wanted = new Application(application, InputType.DOUBLES.signature(), slo, Served.DEFAULT_OUTPUT, LearningSettings.DEFAULT, List.of());
    node.applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(wanted)))
        .thenCompose(changed -> node.replicas().whenSettled(id))
        .toCompletableFuture()
        .join();
  }
}
