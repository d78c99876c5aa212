package io.clipper.gateway.oip;

import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogEvent;
import io.clipper.catalog.CatalogHistory;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.DeployOutcome;
import io.clipper.gateway.Readiness;
import io.clipper.gateway.ReplicaView;
import io.clipper.gateway.metrics.MetricNames;
import io.clipper.gateway.metrics.RequestMeters.ApplicationMeters;
import io.clipper.gateway.oip.Statistics.Took;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.ReplicaMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What the protocol's clients read of what is served, and the little that they may change: whether a model has replicas. */
final class Catalogue {
  static final String NAME = "clipper";

  static final List<String> EXTENSIONS =
      List.of(
          "classification",
          "model_repository",
          "schedule_policy",
          "model_configuration",
          "binary_tensor_data",
          "parameters",
          "statistics");

  /** What a version is called where there is none: the protocol's clients read a number there. */
  private static final String ONLY_VERSION = "1";
  /** How far back in the catalog's history a model's number of replicas is looked for. */
  private static final int MOST_CHANGES = 10_000;
  private static final String CACHE_HITS = "clipper.direct.cache.hits";

  /** One line of the repository's index; the state in Triton's words. */
  record Indexed(String name, String version, String state, String reason) {}

  private final Clipper clipper;
  private final Targets targets;
  private final OutputSpecs specs;
  private final MeterRegistry registry;
  private final Function<String, ApplicationMeters> meters;

  /** @param meters of an application by its name */
  Catalogue(Clipper clipper, Targets targets, OutputSpecs specs, MeterRegistry registry, Function<String, ApplicationMeters> meters) {
    this.meters = meters;
    this.clipper = clipper;
    this.targets = targets;
    this.specs = specs;
    this.registry = registry;
  }

  static String serverVersion() {
    return Optional.ofNullable(Catalogue.class.getPackage().getImplementationVersion()).orElse("0.1.0");
  }

  boolean live() {
    return clipper.live();
  }

  Readiness ready() {
    return clipper.ready();
  }

  List<String> names() {
    return targets.all().stream().map(Target::name).toList();
  }

  CompletionStage<Description> describe(String name, String version) {
    Target target = targets.of(name, version);
    List<String> versions = version.isEmpty() ? targets.versions(target) : List.of(version);
    Optional<ModelVersion> answering = answering(target);
    CompletionStage<Optional<List<TensorSpec>>> outputs =
        answering
            .map(model -> specs.learn(model.id(), model.signature()))
            .orElseGet(() -> CompletableFuture.completedStage(Optional.empty()));
    return outputs.thenApply(
        known -> new Description(name, versions, platform(target), target.signature().tensors(), outputs(target, known.orElse(List.of()))));
  }

  /** Of a model: whether some replica takes queries. An application always answers, if only with its default output. */
  CompletionStage<Boolean> isReady(String name, String version) {
    return switch (targets.of(name, version)) {
      case Target.OfApplication application -> CompletableFuture.completedStage(clipper.ready() instanceof Readiness.Ready);
      case Target.OfModel model -> clipper.replicas().thenApply(replicas -> state(model.model().id(), replicas).state().equals("READY"));
    };
  }

  CompletionStage<List<Indexed>> index(boolean readyOnly) {
    return clipper
        .replicas()
        .thenApply(
            replicas -> {
              List<Indexed> lines = new ArrayList<>();
              boolean ready = clipper.ready() instanceof Readiness.Ready;
              clipper.applications().forEach(application -> lines.add(new Indexed(application.name(), "", ready ? "READY" : "LOADING", "")));
              for (Model model : clipper.models()) {
                for (ModelVersion version : model.versions().values()) {
                  lines.add(state(version.id(), replicas));
                }
              }
              return lines.stream().filter(line -> !readyOnly || line.state().equals("READY")).toList();
            });
  }

  /** Whether a parameter of a load is a model, or its configuration. */
  static boolean bringsAModel(String parameter) {
    return parameter.equals("config") || parameter.startsWith("file:");
  }

  /** To deploy is to run code, on the port that is guarded for it. */
  static Fault notHere(String name) {
    return new Fault(Fault.Kind.UNSUPPORTED, "failed to load '%s', models come in by /admin/deploy on the management port".formatted(name));
  }

  /** Gives the model the replicas that it had where it has none; completes when it takes queries. */
  CompletionStage<Void> load(String name) {
    return switch (known(name, "load")) {
      case Target.OfApplication application -> CompletableFuture.completedStage(null);
      case Target.OfModel model -> {
        ModelId id = model.model().id();
        boolean stopped = clipper.model(id.name()).filter(known -> known.replicas() == 0).isPresent();
        CompletionStage<Void> wanted =
            stopped
                ? clipper.changes(MOST_CHANGES).thenCompose(changes -> clipper.change(new CatalogChange.SetReplicas(id.name(), before(id.name(), changes))))
                : CompletableFuture.completedStage(null);
        yield wanted
            .thenCompose(done -> clipper.whenWarm(id))
            .thenAccept(
                outcome -> {
                  if (outcome instanceof DeployOutcome.Failed failed) {
                    throw Fault.invalid("failed to load '%s', %s", name, failed.message());
                  }
                });
      }
    };
  }

  /** Takes the model's replicas away; its versions stay in the catalog. */
  CompletionStage<Void> unload(String name) {
    return switch (known(name, "unload")) {
      case Target.OfApplication application ->
          throw Fault.invalid("failed to unload '%s', it is an application: a model is %s%s", name, name, Clipper.ASKED_DIRECTLY);
      case Target.OfModel model -> clipper.change(new CatalogChange.SetReplicas(model.model().id().name(), 0));
    };
  }

  /** In the words by which the protocol's clients know such a failure. */
  private Target known(String name, String verb) {
    try {
      return targets.of(name, "");
    } catch (Fault unknown) {
      throw new Fault(unknown.kind(), "failed to %s '%s', %s".formatted(verb, name, unknown.getMessage()));
    }
  }

  /** How many replicas the model had last, when it had some. */
  private static int before(String model, List<CatalogHistory.Entry> changes) {
    int replicas = 1;
    for (CatalogHistory.Entry change : changes) {
      if (change.event() instanceof CatalogEvent.ReplicasSet set && set.model().equals(model) && set.replicas() != 0) {
        replicas = set.replicas();
      }
    }
    return replicas;
  }

  /** @param name empty text: of every model */
  List<Statistics> statistics(String name, String version) {
    List<Target> asked = name.isEmpty() ? targets.all() : List.of(targets.of(name, version));
    return asked.stream().map(this::statistics).toList();
  }

  private Statistics statistics(Target target) {
    return switch (target) {
      case Target.OfApplication application -> {
        Timer timer = registry.find(MetricNames.REQUEST_DURATION).tag(MetricNames.APP, application.application().name()).timer();
        Took success = took(Optional.ofNullable(timer));
        ApplicationMeters counted = meters.apply(application.application().name());
        Took known = new Took(counted.known(), counted.knownNanos());
        Took computed = new Took(Math.max(0, success.count() - known.count()), Math.max(0, success.nanos() - known.nanos()));
        yield new Statistics(
            application.name(),
            target.version().isEmpty() ? ONLY_VERSION : target.version(),
            counted.lastMillis(),
            computed.count(),
            computed.count(),
            success,
            new Took(counted.failures(), counted.failedNanos()),
            new Took(success.count(), 0),
            computed,
            known,
            computed,
            List.of());
      }
      case Target.OfModel model -> statistics(model.name(), model.model().id());
    };
  }

  private Statistics statistics(String name, ModelId id) {
    String[] tags = {MetricNames.MODEL, id.name(), MetricNames.VERSION, id.version()};
    DistributionSummary batches = registry.find(MetricNames.BATCH_SIZE).tags(tags).summary();
    long rows = batches == null ? 0 : (long) batches.totalAmount();
    long executions = batches == null ? 0 : batches.count();
    Took queue = took(Optional.ofNullable(registry.find(ReplicaMeters.QUEUE_DURATION).tags(tags).timer()));
    Took compute = took(Optional.ofNullable(registry.find(MetricNames.COMPUTE_DURATION).tags(tags).timer()));
    Gauge last = registry.find(MetricNames.LAST_INFERENCE).tags(tags).gauge();
    long hits = (long) counted(CACHE_HITS, tags);
    long succeeded = (long) counted(ReplicaMeters.PREDICTED, tags) + hits;
    Took fail = new Took((long) counted(ReplicaMeters.NOT_PREDICTED, tags), Math.round(counted(ReplicaMeters.NOT_PREDICTED_TIME, tags) * 1e9));
    return new Statistics(
        name,
        id.version(),
        last == null ? 0 : Math.round(last.value() * 1000),
        rows,
        executions,
        new Took(succeeded, queue.nanos() + compute.nanos()),
        fail,
        // Of rows that were found, too, as the protocol counts them.
        new Took(queue.count() + hits, queue.nanos()),
        new Took(rows, compute.nanos()),
        new Took(hits, 0),
        new Took(rows, compute.nanos()),
        clipper.batches(id));
  }

  private double counted(String meter, String... tags) {
    return registry.find(meter).tags(tags).counters().stream().mapToDouble(Counter::count).sum();
  }

  /** Hears of a row of a model that was asked directly. */
  void answeredFromCache(ModelId id) {
    registry.counter(CACHE_HITS, MetricNames.MODEL, id.name(), MetricNames.VERSION, id.version()).increment();
  }

  private static Took took(Optional<Timer> timer) {
    return timer.map(some -> new Took(some.count(), (long) some.totalTime(TimeUnit.NANOSECONDS))).orElse(Took.NOTHING);
  }

  private static Indexed state(ModelId id, List<ReplicaView> replicas) {
    List<ReplicaView> own = replicas.stream().filter(replica -> replica.model().equals(id)).toList();
    String name = id.name() + Clipper.ASKED_DIRECTLY;
    if (own.stream().anyMatch(replica -> replica.state().equals("ready"))) {
      return new Indexed(name, id.version(), "READY", "");
    }
    return own.stream()
        .findFirst()
        .map(replica -> new Indexed(name, id.version(), word(replica.state()), replica.lastError().orElse("")))
        .orElseGet(() -> new Indexed(name, id.version(), "UNAVAILABLE", "no replica is wanted"));
  }

  private static String word(String state) {
    return switch (state) {
      case "loading" -> "LOADING";
      case "draining" -> "UNLOADING";
      default -> "UNAVAILABLE";
    };
  }

  /** Whose answers show what the target answers with. */
  private Optional<ModelVersion> answering(Target target) {
    return switch (target) {
      case Target.OfModel model -> Optional.of(model.model());
      case Target.OfApplication application ->
          application.model().or(() -> application.application().models().stream().flatMap(name -> clipper.model(name).stream()).flatMap(model -> model.currentVersion().stream()).findFirst());
    };
  }

  private static List<TensorSpec> outputs(Target target, List<TensorSpec> known) {
    return switch (target) {
      case Target.OfModel model -> known;
      case Target.OfApplication application -> {
        if (application.application().models().size() == 1 && !known.isEmpty()) {
          yield known;
        }
        TensorSpec like =
            known.isEmpty()
                ? OutputSpecs.specs(Output.of(DefaultOutput.unlike(application.application().defaultOutput()))).getFirst()
                : known.getFirst();
        yield List.of(new TensorSpec(Output.ONLY, like.datatype(), like.shape()));
      }
    };
  }

  private static String platform(Target target) {
    return switch (target) {
      case Target.OfApplication application -> "clipper_application";
      case Target.OfModel model -> platform(model.model().runtime());
    };
  }

  private static String platform(RuntimeSpec runtime) {
    return switch (runtime) {
      case RuntimeSpec.Onnx onnx -> "onnx_onnxv1";
      case RuntimeSpec.Python python -> "python";
      case RuntimeSpec.Command command -> "process";
      case RuntimeSpec.Isolated isolated -> platform(isolated.model());
      case RuntimeSpec.Endpoint endpoint -> "endpoint";
      case RuntimeSpec.PlugIn plugIn -> plugIn.kind();
      case RuntimeSpec.Announced announced -> "announced";
    };
  }
}
