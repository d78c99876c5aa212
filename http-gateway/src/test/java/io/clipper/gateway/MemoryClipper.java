package io.clipper.gateway;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.Feedback;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogEvent;
import io.clipper.catalog.CatalogHistory;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.certainty.Certainty;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.BatchTally;
import io.clipper.replica.ReplicaRouterActor;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** A catalog in memory that refuses in the original's words, and models that are functions. */
public final class MemoryClipper implements Clipper {
  private final ActorSystem<?> system;
  /** Where each version's worker is that announced itself. */
  private final List<CatalogEvent> scaled = new CopyOnWriteArrayList<>();
  private final Map<ModelId, String> announced = new ConcurrentHashMap<>();
  private final Map<String, Application> applications = new TreeMap<>();
  private final Map<String, Model> models = new TreeMap<>();
  private final Map<ModelId, Function<Input, Output>> functions = new ConcurrentHashMap<>();
  private final AtomicLong queryIds = new AtomicLong();
  public final Map<String, byte[]> artifacts = new ConcurrentHashMap<>();
  public final List<Query> queries = new CopyOnWriteArrayList<>();
  public final List<Duration> budgets = new CopyOnWriteArrayList<>();
  public final List<Feedback> feedback = new CopyOnWriteArrayList<>();
  public volatile DeployOutcome outcome = new DeployOutcome.Warm(Optional.empty());
  /** Where it is there, what a deployment waits for instead. */
  public volatile Optional<CompletableFuture<DeployOutcome>> held = Optional.empty();
  /** Open once a deployment waits. */
  public final CountDownLatch warming = new CountDownLatch(1);
  public volatile Readiness readiness = new Readiness.Ready();
  /** What a model of any server takes. */
  public volatile Signature servers = Signature.named("doubles");
  public volatile boolean serversAreReached = true;
  public volatile Optional<Throwable> fault = Optional.empty();
  public volatile OptionalDouble confidence = OptionalDouble.empty();
  public volatile Optional<Certainty> certainty = Optional.empty();
  public volatile boolean full;
  /** Whether models answer as if the input were known. */
  public volatile boolean knows;
  public final Map<ModelId, List<BatchTally>> batches = new ConcurrentHashMap<>();

  public MemoryClipper(ActorSystem<?> system) {
    this.system = system;
  }

  /** Gives the version of that id something to answer with. */
  public void serve(String id, Function<Input, Output> function) {
    functions.put(ModelId.parse(id), function);
  }

  @Override
  public synchronized Optional<Application> application(String name) {
    return Optional.ofNullable(applications.get(name));
  }

  @Override
  public synchronized List<Application> applications() {
    return List.copyOf(applications.values());
  }

  @Override
  public synchronized List<Model> models() {
    return List.copyOf(models.values());
  }

  @Override
  public CompletionStage<Prediction> predict(Query query) {
    queries.add(query);
    if (fault.isPresent()) {
      return CompletableFuture.failedStage(fault.get());
    }
    Application application = application(query.application()).orElseThrow();
    if (full) {
      return CompletableFuture.completedStage(byDefault(application, "no room", true));
    }
    if (application.models().isEmpty()) {
      return CompletableFuture.completedStage(byDefault(application, Prediction.NO_MODELS, false));
    }
    Model model = model(application.models().getFirst()).orElseThrow();
    String version = query.version().or(model::current).orElseThrow();
    if (!model.versions().containsKey(version)) {
      throw new Refused(Reason.NOT_FOUND, "Requested version: %s does not exist for model: %s".formatted(version, model.name()));
    }
    ModelId id = new ModelId(model.name(), version);
    Function<Input, Output> function = functions.get(id);
    if (function == null) {
      return CompletableFuture.completedStage(byDefault(application, Prediction.LATE, false));
    }
    return CompletableFuture.supplyAsync(
        () -> {
          Output output;
          try {
            output = function.apply(query.input());
          } catch (IllegalStateException failed) {
            return byDefault(application, String.valueOf(failed.getMessage()), false);
          }
          Prediction.ModelAnswer answer = new Prediction.ModelAnswer(id, Optional.of(output), 1, knows, false);
          return new Prediction(
              queryIds.getAndIncrement(), output, Optional.empty(), false, OptionalDouble.of(1), confidence, List.of(answer), Optional.empty(), certainty, false);
        });
  }

  @Override
  public CompletionStage<ReplicaRouterActor.Reply> ask(ModelId model, Input input, Duration budget) {
    budgets.add(budget);
    Function<Input, Output> function = functions.get(model);
    if (function == null) {
      return CompletableFuture.completedStage(
          new ReplicaRouterActor.Unanswered(1, model, ReplicaRouterActor.Reason.NO_REPLICA, "no replica of %s is ready".formatted(model)));
    }
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return new ReplicaRouterActor.Answered(1, model, function.apply(input));
          } catch (IllegalStateException failed) {
            return new ReplicaRouterActor.Unanswered(1, model, ReplicaRouterActor.Reason.FAILED, String.valueOf(failed.getMessage()));
          }
        });
  }

  @Override
  public List<BatchTally> batches(ModelId model) {
    return batches.getOrDefault(model, List.of());
  }

  private Prediction byDefault(Application application, String reason, boolean refused) {
    Output output = Output.of(application.defaultOutput());
    return new Prediction(
        queryIds.getAndIncrement(), output, Optional.of(reason), refused, OptionalDouble.empty(), OptionalDouble.empty(), List.of(), Optional.empty());
  }

  @Override
  public CompletionStage<Feedback.Receipt> observe(Feedback given) {
    feedback.add(given);
    return CompletableFuture.completedStage(new Feedback.Receipt(7, true, 3));
  }

  @Override
  public CompletionStage<LearnedState> state(String name, Optional<String> context) {
    if (application(name).isEmpty()) {
      return refuse(Reason.NOT_FOUND, "Application '%s' does not exist".formatted(name));
    }
    var candidate = new LearnedState.CandidateState(new ModelId("m", "1"), 0.75, 4, OptionalDouble.of(0.25));
    return CompletableFuture.completedStage(new LearnedState(context.isPresent() ? "exp4 of " + context.get() : "exp4", 4, List.of(candidate)));
  }

  @Override
  public synchronized CompletionStage<Void> change(CatalogChange change) {
    try {
      apply(change);
      return CompletableFuture.completedStage(null);
    } catch (Refused refused) {
      return CompletableFuture.failedStage(refused);
    }
  }

  private void apply(CatalogChange change) {
    switch (change) {
      case CatalogChange.AddApplication add -> {
        require(!applications.containsKey(add.application().name()), Reason.EXISTS, "application '" + add.application().name() + "' already exists");
        applications.put(add.application().name(), add.application());
      }
      case CatalogChange.UpdateApplication update -> update(update);
      case CatalogChange.DeleteApplication delete ->
          require(applications.remove(delete.name()) != null, Reason.NOT_FOUND, "Application '" + delete.name() + "' does not exist");
      case CatalogChange.LinkModels link -> link(link);
      case CatalogChange.UnlinkModels unlink -> unlink(unlink);
      case CatalogChange.AddModelVersion add -> addVersion(add.version(), add.replicas());
      case CatalogChange.StartCanary start -> {
        Model model = present(model(start.model()), noModel(start.model()));
        models.put(model.name(), canary(model, Optional.of(new Canary(start.version(), start.percent()))));
      }
      case CatalogChange.PromoteCanary promote -> {
        Model model = present(model(promote.model()), noModel(promote.model()));
        if (promote.version().isEmpty() || !promote.version().equals(model.current())) {
          require(model.canary().isPresent(), Reason.CONFLICT, "there is no canary");
          models.put(model.name(), current(model, model.canary().map(Canary::version)));
        }
      }
      case CatalogChange.AbortCanary abort -> {
        Model model = present(model(abort.model()), noModel(abort.model()));
        models.put(model.name(), canary(model, Optional.empty()));
      }
      case CatalogChange.Deploy deploy -> {
        addVersion(deploy.version(), deploy.replicas());
        deploy.application().ifPresent(given -> applications.merge(given.name(), given, (present, same) -> withModel(present, deploy.version().id().name())));
      }
      case CatalogChange.SetModelVersion set -> {
        Model model = present(model(set.model()), "Cannot set version for nonexistent model '" + set.model() + "'");
        String unknown = "Cannot set non-existent version '%s' for model with name '%s'".formatted(set.version(), set.model());
        requireNoConflict(model, present(Optional.ofNullable(model.versions().get(set.version())), unknown));
        models.put(model.name(), current(model, Optional.of(set.version())));
      }
      case CatalogChange.RollBack back -> {
        Model model = present(model(back.model()), noModel(back.model()));
        require(!model.previous().isEmpty(), Reason.CONFLICT, "there is no version to go back to");
        models.put(model.name(), current(model, Optional.of(model.previous().getLast())));
      }
      case CatalogChange.DeleteModelVersion delete -> {
        String unknown = "model with name '%s' and version '%s' does not exist".formatted(delete.model(), delete.version());
        Model model = present(model(delete.model()), unknown);
        require(model.versions().containsKey(delete.version()), Reason.NOT_FOUND, unknown);
        Map<String, ModelVersion> left = new LinkedHashMap<>(model.versions());
        left.remove(delete.version());
        List<String> previous = model.previous().stream().filter(left::containsKey).toList();
        Optional<String> inUse = model.current().filter(left::containsKey).or(() -> previous.reversed().stream().findFirst());
        models.put(model.name(), new Model(model.name(), left, inUse, previous.stream().filter(version -> !inUse.equals(Optional.of(version))).toList(), model.replicas()));
        if (left.isEmpty()) {
          models.remove(model.name());
        }
      }
      case CatalogChange.SetReplicas set -> {
        Model model = present(model(set.model()), noModel(set.model()));
        models.put(model.name(), new Model(model.name(), model.versions(), model.current(), model.previous(), set.replicas()));
        scaled.add(new CatalogEvent.ReplicasSet(model.name(), set.replicas()));
      }
    }
  }

  private void update(CatalogChange.UpdateApplication update) {
    Application old = present(application(update.name()), "Application '" + update.name() + "' does not exist");
    boolean fixed = update.learning().filter(learning -> !learning.partitions().equals(old.learning().partitions())).isPresent();
    require(!fixed, Reason.CONFLICT, "partitions of '" + update.name() + "' cannot be changed");
    Duration slo = update.slo().orElse(old.slo());
    String defaultOutput = update.defaultOutput().orElse(old.defaultOutput());
    applications.put(
        old.name(), new Application(old.name(), old.signature(), slo, defaultOutput, update.learning().orElse(old.learning()), old.models()));
  }

  private void link(CatalogChange.LinkModels link) {
    Application application = present(application(link.application()), "No app with name '" + link.application() + "' exists.");
    for (String name : link.models()) {
      Signature signature = present(model(name), noModel(name)).currentVersion().orElseThrow().signature();
      require(
          signature.agreesWith(application.signature()),
          Reason.CONFLICT,
          "Model with name '%s' has incompatible input_type '%s'. Requested app to link to has input_type '%s'."
              .formatted(name, signature.describe(), application.signature().describe()));
      require(
          !application.models().contains(name),
          Reason.EXISTS,
          "The model with name '%s' is already linked to '%s'".formatted(name, application.name()));
    }
    link.models().forEach(name -> applications.put(application.name(), withModel(applications.getOrDefault(application.name(), application), name)));
  }

  private void unlink(CatalogChange.UnlinkModels unlink) {
    Application application = present(application(unlink.application()), "No app with name " + unlink.application() + " exists.");
    List<String> left = new ArrayList<>(application.models());
    for (String name : unlink.models()) {
      require(left.remove(name), Reason.NOT_FOUND, "Cannot remove nonexistent link between app %s and model %s".formatted(application.name(), name));
    }
    applications.put(application.name(), application.withModels(left));
  }

  private void addVersion(ModelVersion version, Optional<Integer> replicas) {
    String name = version.id().name();
    Model model = model(name).orElse(new Model(name, Map.of(), Optional.empty(), List.of(), 1));
    if (version.equals(model.versions().get(version.id().version())) && !(version.runtime() instanceof RuntimeSpec.Announced)) {
      return;
    }
    require(
        !model.versions().containsKey(version.id().version()),
        Reason.EXISTS,
        "model with name '%s' and version '%s' already exists".formatted(name, version.id().version()));
    requireNoConflict(model, version);
    Map<String, ModelVersion> versions = new LinkedHashMap<>(model.versions());
    versions.put(version.id().version(), version);
    Model more = new Model(name, versions, model.current(), model.previous(), replicas.orElse(model.replicas()));
    models.put(name, current(more, Optional.of(version.id().version())));
  }

  private void requireNoConflict(Model model, ModelVersion version) {
    for (Application application : applications.values()) {
      require(
          !application.models().contains(model.name()) || application.signature().agreesWith(version.signature()),
          Reason.CONFLICT,
          ("Model with name '%s' is already linked to app '%s' using input type '%s'. The input type you provided for a new version of the"
                  + " model, '%s', is not compatible.")
              .formatted(model.name(), application.name(), application.signature().describe(), version.signature().describe()));
    }
  }

  private static Model canary(Model model, Optional<Canary> canary) {
    return new Model(model.name(), model.versions(), model.current(), model.previous(), model.replicas(), canary);
  }

  private static Model current(Model model, Optional<String> version) {
    List<String> previous = new ArrayList<>(model.previous());
    model.current().ifPresent(previous::add);
    return new Model(model.name(), model.versions(), version, previous, model.replicas());
  }

  private static Application withModel(Application application, String model) {
    List<String> linked = new ArrayList<>(application.models());
    if (!linked.contains(model)) {
      linked.add(model);
    }
    return application.withModels(linked);
  }

  @Override
  public synchronized Optional<Model> model(String name) {
    return Optional.ofNullable(models.get(name));
  }

  private static String noModel(String name) {
    return "No model with name '" + name + "' exists.";
  }

  private static <T> T present(Optional<T> value, String otherwise) {
    return value.orElseThrow(() -> new Refused(Reason.NOT_FOUND, otherwise));
  }

  private static void require(boolean holds, Reason reason, String otherwise) {
    if (!holds) {
      throw new Refused(reason, otherwise);
    }
  }

  private static <T> CompletionStage<T> refuse(Reason reason, String text) {
    return CompletableFuture.failedStage(new Refused(reason, text));
  }

  @Override
  public CompletionStage<String> store(Source<ByteString, ?> artifact) {
    return artifact
        .runFold(ByteString.emptyByteString(), ByteString::concat, system)
        .thenApply(
            bytes -> {
              String sha = sha(bytes.toArray());
              artifacts.put(sha, bytes.toArray());
              return sha;
            });
  }

  /** The archive itself stands for what is in it. */
  @Override
  public CompletionStage<String> storeArchive(Source<ByteString, ?> archive, long mostBytes) {
    return store(archive);
  }

  @Override
  public CompletionStage<Void> discard(String artifact) {
    artifacts.remove(artifact);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<List<CatalogHistory.Entry>> changes(int most) {
    List<CatalogHistory.Entry> all =
        new ArrayList<>(
            List.of(
                new CatalogHistory.Entry(1, Instant.EPOCH, new CatalogEvent.ReplicasSet("net", 2)),
                new CatalogHistory.Entry(2, Instant.EPOCH.plusSeconds(1), new CatalogEvent.ModelsLinked("app", List.of("net", "tree")))));
    scaled.forEach(event -> all.add(new CatalogHistory.Entry(all.size() + 1, Instant.EPOCH, event)));
    return CompletableFuture.completedStage(all.subList(Math.max(0, all.size() - most), all.size()));
  }

  @Override
  public Map<ModelId, String> starting() {
    return Map.of(new ModelId("slow", "1"), "its worker starts");
  }

  public static String sha(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** A graph is whatever starts with "onnx:" and goes on with its input type. */
  @Override
  public CompletionStage<Signature> inspect(ModelId model, RuntimeSpec runtime, Optional<String> sha) {
    if (runtime instanceof RuntimeSpec.Endpoint) {
      return serversAreReached ? CompletableFuture.completedStage(servers) : refuse(Reason.INVALID, "no connection");
    }
    String graph = new String(Optional.ofNullable(artifacts.get(sha.orElseThrow())).orElseThrow(), java.nio.charset.StandardCharsets.UTF_8);
    return graph.startsWith("onnx:")
        ? CompletableFuture.completedStage(Signature.named(graph.substring(5).strip()))
        : refuse(Reason.INVALID, "not an ONNX file");
  }

  @Override
  public CompletionStage<String> announce(ModelVersion version, String url) {
    announced.put(version.id(), url);
    return CompletableFuture.completedStage("loading");
  }

  @Override
  public void leave(ModelId version, String url) {
    announced.remove(version, url);
  }

  @Override
  public Optional<String> machine() {
    return Optional.of("lab");
  }

  @Override
  public CompletionStage<DeployOutcome> whenWarm(ModelId model) {
    warming.countDown();
    return held.orElseGet(() -> CompletableFuture.completedFuture(outcome));
  }

  @Override
  public CompletionStage<List<ReplicaView>> replicas() {
    List<ReplicaView> replicas = new ArrayList<>();
    for (Model model : models()) {
      for (int i = 0; i < model.replicas() && model.current().isPresent(); i++) {
        replicas.add(new ReplicaView(new ModelId(model.name(), model.current().get()), i, "node-1", "ready", 0, Optional.empty(), Optional.empty(), 2, 16, Optional.empty()));
      }
    }
    return CompletableFuture.completedStage(replicas);
  }

  @Override
  public CompletionStage<Void> clearCache() {
    return CompletableFuture.completedStage(null);
  }

  @Override
  public ClusterView cluster() {
    return new ClusterView("node-1", "one state node", 4, List.of(new ClusterView.Member("node-1", "Up", List.of("application"))));
  }

  @Override
  public void answerWaited(long nanos) {
    // Its answers have no deadline.
  }

  @Override
  public boolean live() {
    return true;
  }

  @Override
  public Readiness ready() {
    return readiness;
  }
}
