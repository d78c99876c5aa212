package io.clipper.gateway;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.Feedback;
import io.clipper.application.KnownRules;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.ApplicationRules;
import io.clipper.catalog.Catalog;
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
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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

/** A catalog in memory, which decides as every catalog does, and models that are functions. */
public final class MemoryClipper implements Clipper {
  private static final ApplicationRules RULES = new KnownRules();

  private final ActorSystem<?> system;
  private volatile Catalog catalog = Catalog.EMPTY;
  private final List<CatalogEvent> happened =
      new CopyOnWriteArrayList<>(
          List.of(new CatalogEvent.ReplicasSet("net", 2), new CatalogEvent.ModelsLinked("app", List.of("net", "tree"))));
  /** Where each version's worker is that announced itself. */
  private final Map<ModelId, String> announced = new ConcurrentHashMap<>();
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
  /** Not while a node starts. */
  public volatile boolean knowsCatalog = true;
  public final Map<ModelId, List<BatchTally>> batches = new ConcurrentHashMap<>();

  public MemoryClipper(ActorSystem<?> system) {
    this.system = system;
  }

  /** Gives the version of that id something to answer with. */
  public void serve(String id, Function<Input, Output> function) {
    functions.put(ModelId.parse(id), function);
  }

  @Override
  public boolean knowsCatalog() {
    return knowsCatalog;
  }

  @Override
  public Optional<Application> application(String name) {
    return catalog.application(name);
  }

  @Override
  public List<Application> applications() {
    return catalog.applications().values().stream().sorted(Comparator.comparing(Application::name)).toList();
  }

  @Override
  public List<Model> models() {
    return catalog.models().values().stream().sorted(Comparator.comparing(Model::name)).toList();
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
    Optional<String> asked = query.version().or(model::current);
    if (asked.isEmpty()) {
      return CompletableFuture.completedStage(byDefault(application, Prediction.NO_MODELS, false));
    }
    String version = asked.get();
    if (!model.versions().containsKey(version)) {
      return refuse(Reason.INVALID, "Requested version: %s does not exist for model: %s".formatted(version, model.name()));
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
      for (CatalogEvent event : catalog.decide(change, RULES)) {
        catalog = catalog.after(event);
        happened.add(event);
      }
      return CompletableFuture.completedStage(null);
    } catch (Refused refused) {
      return CompletableFuture.failedStage(refused);
    }
  }

  @Override
  public Optional<Model> model(String name) {
    return catalog.model(name);
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
    List<CatalogHistory.Entry> all = new ArrayList<>();
    happened.forEach(event -> all.add(new CatalogHistory.Entry(all.size() + 1, Instant.EPOCH.plusSeconds(all.size()), event)));
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
