package io.clipper.node;

import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.application.ServingNode;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.RuntimeSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The bundled application: handwritten digits, classified by five models of different kinds. */
final class Quickstart {
  static final String APPLICATION = "digits";

  private static final List<String> MODELS =
      List.of("logistic-regression", "linear-svm", "random-forest", "neural-network", "naive-bayes");
  private static final int PIXELS = 64;
  private static final Duration SLO = Duration.ofMillis(100);

  private Quickstart() {}

  /**
   * Deploys the models, and then the application that asks them all: a start that was interrupted leaves a node without applications, on
   * which the next start does it again.
   */
  static CompletionStage<Void> deploy(ServingNode node) {
    CompletionStage<Signature> deployed = deploy(node, MODELS.getFirst());
    for (String model : MODELS.subList(1, MODELS.size())) {
      deployed = deployed.thenCompose(done -> deploy(node, model));
    }
    return deployed
        .thenApply(signature -> new Application(APPLICATION, signature, SLO, "-1", LearningSettings.DEFAULT, MODELS))
        .thenCompose(application -> node.applications().change(new CatalogChange.AddApplication(application)))
        .thenAccept(added -> {});
  }

  /** The way from end to end is warm, and works, before anyone is told that it is there. */
  static CompletionStage<Optional<Prediction>> firstPrediction(ServingNode node) {
    Application application = node.applications().catalog().applications().get(APPLICATION);
    Input blank = Input.of(Tensor.ofFloats(new float[PIXELS]));
    return application != null && fits(application, blank)
        ? node.applications().predict(Query.of(APPLICATION, blank)).thenApply(Optional::of)
        : CompletableFuture.completedStage(Optional.empty());
  }

  /** An application of the same name may be another's. */
  private static boolean fits(Application application, Input input) {
    return application.signature().tensors().size() == 1
        && application.signature().tensors().getFirst().datatype() == input.first().datatype()
        && application.signature().tensors().getFirst().shape().equals(List.of((long) PIXELS));
  }

  static CompletionStage<Signature> deploy(ServingNode node, String model) {
    String artifact = store(node, "/digits/models/%s/1/model.onnx".formatted(model));
    return node.inspect(artifact).thenCompose(signature -> deploy(node, new ModelId(model, "1"), artifact, signature));
  }

  private static CompletionStage<Signature> deploy(ServingNode node, ModelId id, String artifact, Signature signature) {
    ModelVersion version = ModelVersion.of(id, signature, new RuntimeSpec.Onnx(), Optional.of(artifact));
    return node.applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.empty()))
        .thenCompose(changed -> node.replicas().whenSettled(id))
        .thenApply(settled -> signature);
  }

  private static String store(ServingNode node, String resource) {
    try (InputStream bytes = Objects.requireNonNull(Quickstart.class.getResourceAsStream(resource), resource)) {
      return node.artifacts().store(bytes);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
