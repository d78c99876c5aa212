package io.clipper.load.experiment;

import io.clipper.application.Feedback;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.node.ClipperNode;
import io.clipper.node.command.NodeOptions;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A whole node in this JVM, on free ports and without the bundled application, asked by the embedding API. */
final class ExperimentNode implements AutoCloseable {
  /** Long enough that a busy machine makes no answer late. */
  static final Duration UNHURRIED = Duration.ofSeconds(5);

  static final String DEFAULT_OUTPUT = "-1";

  private final ClipperNode node;

  private ExperimentNode(ClipperNode node) {
    this.node = node;
  }

  static ExperimentNode start(Path data) {
    Optional<Integer> free = Optional.of(0);
    return new ExperimentNode(
        ClipperNode.start(
            new NodeOptions(
                data,
                free,
                free,
                free,
                free,
                "127.0.0.1",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Set.of(),
                false,
                Optional.empty())));
  }

  /** ONNX files of the class path, {@code NAME/1/model.onnx} in that folder; returns what they take. */
  Signature deploy(String folder, List<String> models) throws IOException {
    for (String model : models.subList(1, models.size())) {
      deploy(model, "%s/%s/1/model.onnx".formatted(folder, model));
    }
    return deploy(models.getFirst(), "%s/%s/1/model.onnx".formatted(folder, models.getFirst()));
  }

  /** An ONNX file of the class path; returns what it takes when it is warm. */
  private Signature deploy(String model, String resource) throws IOException {
    try (InputStream bytes = ExperimentNode.class.getClassLoader().getResourceAsStream(resource)) {
      if (bytes == null) {
        throw new FileNotFoundException(resource + " is not on the class path");
      }
      return deploy(model, new RuntimeSpec.Onnx(), Optional.of(node.serving().artifacts().store(bytes)));
    }
  }

  Signature deploy(String model, RuntimeSpec spec) {
    return deploy(model, spec, Optional.empty());
  }

  private Signature deploy(String model, RuntimeSpec spec, Optional<String> artifact) {
    ModelId id = new ModelId(model, "1");
    return node.serving()
        .inspect(id, spec, artifact)
        .thenCompose(
            signature ->
                node.serving()
                    .applications()
                    .change(new CatalogChange.Deploy(ModelVersion.of(id, signature, spec, artifact), Optional.empty(), Optional.empty()))
                    .thenCompose(changed -> node.serving().replicas().whenSettled(id))
                    .thenApply(settled -> signature))
        .toCompletableFuture()
        .join();
  }

  void serve(String application, Signature signature, Duration slo, LearningSettings learning, List<String> models) {
    node.serving()
        .applications()
        .change(new CatalogChange.AddApplication(new Application(application, signature, slo, DEFAULT_OUTPUT, learning, models)))
        .toCompletableFuture()
        .join();
  }

  CompletableFuture<Prediction> ask(String application, Input input, Optional<String> context) {
    return node.serving()
        .applications()
        .predict(new Query(application, input, context, Optional.empty(), Optional.empty()))
        .toCompletableFuture();
  }

  /** Completes when the label is durable; fails where it taught nothing. */
  CompletableFuture<Void> teach(String application, Prediction prediction, String label, Optional<String> context) {
    return tell(application, prediction, label, context)
        .thenAccept(
            receipt -> {
              if (!receipt.observed()) {
                throw new IllegalStateException("%s did not learn from the label of query %d".formatted(application, receipt.queryId()));
              }
            });
  }

  /** Completes when the label is durable, or has nobody to judge. */
  CompletableFuture<Feedback.Receipt> tell(String application, Prediction prediction, String label, Optional<String> context) {
    return node.serving()
        .applications()
        .observe(new Feedback(application, new Feedback.OfQuery(prediction.queryId()), new Feedback.Label(label), context, Optional.empty()))
        .toCompletableFuture();
  }

  LearnedState state(String application) {
    return node.serving().applications().state(application, Optional.empty()).toCompletableFuture().join();
  }

  /** The share of the choice or of the vote that these have. */
  double weight(String application, Set<String> models) {
    return state(application).candidates().stream()
        .filter(candidate -> models.contains(candidate.model().name()))
        .mapToDouble(LearnedState.CandidateState::weight)
        .sum();
  }

  static LearningSettings learning(String policy, Optional<String> combiner, String loss, CertaintySettings certainty) {
    return new LearningSettings(
        Optional.of(policy),
        Map.of(),
        combiner,
        Map.of(),
        loss,
        Optional.empty(),
        Optional.empty(),
        0,
        "default",
        "one",
        0,
        1,
        0.5,
        8,
        certainty);
  }

  static LearningSettings classifying(String policy) {
    return learning(policy, Optional.empty(), "zero-one", CertaintySettings.DEFAULT);
  }

  @Override
  public void close() {
    node.close();
  }
}
