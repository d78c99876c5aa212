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
import io.clipper.selection.PolicySettings;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An application of doubles over simulated models, and how a node process is told of it: in one word of its command line.
 *
 * @param partitions {@code one} or {@code every-node}
 * @param eta of {@code exp4}, which asks all models, and where one that gives nothing in time has lost; empty: the default policy
 */
record Served(String application, Duration slo, String partitions, OptionalDouble eta, List<Simulated> models) {
  static final String DEFAULT_OUTPUT = "-1";

  /** The loss of a model whose answer is not among those that a query got. */
  static final double LOST = 1;

  private static final String POLICY = "exp4";
  private static final String ETA = "eta";

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

  Served(String application, Duration slo, String partitions, List<Simulated> models) {
    this(application, slo, partitions, OptionalDouble.empty(), models);
  }

  Served learningBy(double fixedEta) {
    return new Served(application, slo, partitions, OptionalDouble.of(fixedEta), models);
  }

  String word() {
    String first = "%s,%d,%s,%s,".formatted(application, slo.toMillis(), partitions, eta.isPresent() ? eta.getAsDouble() : "");
    return models.stream().map(Simulated::word).collect(Collectors.joining(",", first, ""));
  }

  static Served parse(String word) {
    String[] parts = word.split(",", -1);
    OptionalDouble eta = parts[3].isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(parts[3]));
    List<Simulated> models = Arrays.stream(parts).skip(4).filter(part -> !part.isEmpty()).map(Simulated::parse).toList();
    return new Served(parts[0], Duration.ofMillis(Long.parseLong(parts[1])), parts[2], eta, models);
  }

  /** Serves it, or finds it served by the same node's last life; completes when its models are warm. */
  CompletionStage<Void> deploy(ServingNode node) {
    CompletionStage<Void> deployed = CompletableFuture.completedStage(null);
    for (int i = 0; i < models.size(); i++) {
      ModelId id = model(i);
      Simulated model = models.get(i);
      deployed = deployed.thenCompose(done -> deploy(node, id, model));
    }
    return deployed;
  }

  /** In the order in which they are given, from 0. */
  private ModelId model(int index) {
    return new ModelId("%s-model-%d".formatted(application, index + 1), "1");
  }

  /** Of all models. */
  List<ModelId> ids() {
    return IntStream.range(0, models.size()).mapToObj(this::model).toList();
  }

  /** How the application learns; throws {@link java.util.NoSuchElementException} where that is the default's to say. */
  PolicySettings policy() {
    return new PolicySettings(POLICY, Map.of(ETA, eta.orElseThrow()));
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
    Optional<String> policy = eta.isPresent() ? Optional.of(POLICY) : d.policy();
    Map<String, Double> options = eta.isPresent() ? Map.of(ETA, eta.getAsDouble()) : d.policyOptions();
    double lateLoss = eta.isPresent() ? LOST : d.lateLoss();
    double missingLoss = eta.isPresent() ? LOST : d.missingLoss();
    return new LearningSettings(
        policy, options, d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), partitions, d.shadow(), missingLoss, lateLoss, d.maxAsked(), d.certainty());
  }
}
