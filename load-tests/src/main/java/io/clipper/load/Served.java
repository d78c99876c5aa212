package io.clipper.load;

import io.clipper.application.ServingNode;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * An application of doubles over simulated models, and how a node process is told of it: in one word of its command line.
 *
 * @param partitions {@code one} or {@code every-node}
 */
record Served(String application, Duration slo, String partitions, List<Simulated> models) {
  static final String DEFAULT_OUTPUT = "-1";

  /**
   * A model that answers a constant after so long a batch and so long a row.
   *
   * @param isolated whether it runs in a process of its own
   */
  record Simulated(double output, Duration batch, Duration row, boolean isolated) {
    Simulated(double output, Duration batch) {
      this(output, batch, Duration.ZERO, false);
    }

    static Simulated fast(double output) {
      return new Simulated(output, Duration.ZERO);
    }

    private String word() {
      return "%s:%d:%d:%s".formatted(output, micros(batch), micros(row), isolated);
    }

    private static Simulated parse(String word) {
      String[] parts = word.split(":", -1);
      return new Simulated(Double.parseDouble(parts[0]), ofMicros(parts[1]), ofMicros(parts[2]), Boolean.parseBoolean(parts[3]));
    }

    private RuntimeSpec spec() {
      RuntimeSpec here = SimulatedRuntimeProvider.spec(output, micros(batch), micros(row));
      return isolated ? new RuntimeSpec.Isolated(here, WorkerOptions.DEFAULT) : here;
    }

    private static long micros(Duration time) {
      return time.toNanos() / 1000;
    }

    private static Duration ofMicros(String word) {
      return Duration.of(Long.parseLong(word), ChronoUnit.MICROS);
    }
  }

  Served {
    models = List.copyOf(models);
  }

  Served(String application, Duration slo, List<Simulated> models) {
    this(application, slo, "one", models);
  }

  String word() {
    return models.stream().map(Simulated::word).collect(Collectors.joining(",", "%s,%d,%s,".formatted(application, slo.toMillis(), partitions), ""));
  }

  static Served parse(String word) {
    String[] parts = word.split(",", -1);
    List<Simulated> models = Arrays.stream(parts).skip(3).filter(part -> !part.isEmpty()).map(Simulated::parse).toList();
    return new Served(parts[0], Duration.ofMillis(Long.parseLong(parts[1])), parts[2], models);
  }

  /** Serves it, or finds it served by the same node's last life; completes when its models are warm. */
  CompletionStage<Void> deploy(ServingNode node) {
    CompletionStage<Void> deployed = CompletableFuture.completedStage(null);
    for (int i = 0; i < models.size(); i++) {
      ModelId id = new ModelId("%s-model-%d".formatted(application, i + 1), "1");
      Simulated model = models.get(i);
      deployed = deployed.thenCompose(done -> deploy(node, id, model));
    }
    return deployed;
  }

  private CompletionStage<Void> deploy(ServingNode node, ModelId id, Simulated model) {
    Application wanted = new Application(application, InputType.DOUBLES.signature(), slo, DEFAULT_OUTPUT, learning(), List.of());
    ModelVersion version = ModelVersion.of(id, InputType.DOUBLES.signature(), model.spec(), Optional.empty());
    return node.applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(wanted)))
        .thenCompose(changed -> node.replicas().whenSettled(id))
        .thenAccept(settled -> {});
  }

  private LearningSettings learning() {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        d.policy(), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), partitions, d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
  }
}
