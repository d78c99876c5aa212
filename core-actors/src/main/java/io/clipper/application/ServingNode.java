package io.clipper.application;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Answers;
import io.clipper.Aside;
import io.clipper.Managing;
import io.clipper.Refused;
import io.clipper.artifact.ArtifactActor;
import io.clipper.artifact.ArtifactFetcher;
import io.clipper.artifact.ArtifactKeepers;
import io.clipper.artifact.ArtifactPeers;
import io.clipper.artifact.ArtifactSource;
import io.clipper.artifact.ArtifactStore;
import io.clipper.artifact.SharedArtifacts;
import io.clipper.bulletin.BulletinActor;
import io.clipper.cache.CacheCleared;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.PredictionCache;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.CatalogChanged;
import io.clipper.catalog.CatalogView;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.context.ContextSettings;
import io.clipper.context.ContextStore;
import io.clipper.feedback.PredictionLog;
import io.clipper.feedback.PredictionLogSettings;
import io.clipper.membership.EntranceActor;
import io.clipper.membership.Members;
import io.clipper.membership.MembersActor;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.process.Workers;
import io.clipper.replica.BatchTally;
import io.clipper.replica.LoadingThreads;
import io.clipper.replica.NodeReplicas;
import io.clipper.replica.ReplicaStatus;
import io.clipper.replica.VersionMeters;
import io.clipper.storage.Database;
import io.clipper.storage.Storage;
import io.clipper.wire.WireSerializer;
import io.clipper.wire.WireSettings;
import io.clipper.wire.WireVersionActor;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.typed.Cluster;
import org.slf4j.LoggerFactory;

/**
 * The parts of one node, wired together: what a program starts that embeds the server, and what the server itself starts. It ends with
 * its actor system.
 */
public final class ServingNode {
  private static final EntityTypeKey<ApplicationActor.Command> LOOPS = EntityTypeKey.create(ApplicationActor.Command.class, "application");

  private static final String ANSWER_LEAD = "clipper.answer.lead";
  private static final String LOOPS_HERE = "clipper.loops";
  private static final String UNLOGGED = "clipper.prediction.log.dropped";
  private static final String CROWDED_OUT = "clipper.prediction.log.crowded.out";
  private static final String REFUSED_MESSAGES = "clipper.wire.refused";
  private static final Duration PAUSE_BEFORE_ASKING_AGAIN = Duration.ofMillis(200);

  private final Applications applications;
  private final Models models;
  private final AnswerLead lead;
  private final ArtifactStore artifacts;
  private final Runtimes runtimes;
  private final Workers workers;
  private final ThreadBudget threads;
  private final NodeReplicas replicas;
  private final VersionMeters replicaMeters;
  private final ActorRef<BulletinActor.Command> bulletin;
  private final AtomicReference<Members> members;
  private final LoopsHere loopsHere;
  private final AtomicLong cacheOrders = new AtomicLong();
  private final LoadingThreads loading;
  private final CompletionStage<Void> stopped;
  private final Set<ModelId> unsettled = ConcurrentHashMap.newKeySet();
  private final CompletionStage<Catalog> ready;

  private ServingNode(
      Applications applications,
      Models models,
      AnswerLead lead,
      CatalogView catalog,
      ArtifactStore artifacts,
      Runtimes runtimes,
      Workers workers,
      ThreadBudget threads,
      NodeReplicas replicas,
      VersionMeters replicaMeters,
      ActorRef<BulletinActor.Command> bulletin,
      AtomicReference<Members> members,
      LoopsHere loopsHere,
      LoadingThreads loading,
      CompletionStage<Void> stopped) {
    this.applications = applications;
    this.models = models;
    this.lead = lead;
    this.artifacts = artifacts;
    this.runtimes = runtimes;
    this.workers = workers;
    this.threads = threads;
    this.replicas = replicas;
    this.replicaMeters = replicaMeters;
    this.bulletin = bulletin;
    this.members = members;
    this.loopsHere = loopsHere;
    this.loading = loading;
    this.stopped = stopped;
    this.ready = whileItRuns(catalog.loaded().thenCompose(this::warm));
  }

  /** What an actor system is made with to serve from a folder of its own. */
  public static Config config(Path data) {
    return config(data, Optional.empty());
  }

  /**
   * The program's own {@code application.conf} and system properties count above what is set here for a node.
   *
   * @param jdbcUrl a database that nodes share; empty: a file in the folder
   */
  public static Config config(Path data, Optional<String> jdbcUrl) {
    // Set up by one thread before an actor system's threads log at once, or it says so on the console.
    LoggerFactory.getILoggerFactory();
    return WireSettings.framed(
        ConfigFactory.defaultOverrides()
            .withFallback(ConfigFactory.parseMap(Map.of("clipper.data", data.toAbsolutePath().toString()), "data folder"))
            .withFallback(Storage.config(data, jdbcUrl))
            .withFallback(ConfigFactory.defaultApplication())
            .withFallback(ConfigFactory.parseResources("clipper-node.conf"))
            .withFallback(ConfigFactory.defaultReferenceUnresolved())
            .resolve());
  }

  /**
   * Starts a node's parts; returns before it serves ({@link #ready}). A system that was given no nodes to join is a cluster of its own.
   *
   * @throws io.clipper.Refused in one line, for a folder or a database that cannot be used
   */
  public static ServingNode start(ActorSystem<?> system) {
    return start(system, new SimpleMeterRegistry());
  }

  /** @param meters where the node writes down how its models do */
  public static ServingNode start(ActorSystem<?> system, MeterRegistry meters) {
    return start(system, meters, Catalog.EMPTY);
  }

  /**
   * A node with the role application opens the database and keeps state; every other asks those that do.
   *
   * @param lastKnown the catalog of which it serves the defaults until it hears of another: what the node knew before it was cut off
   */
  public static ServingNode start(ActorSystem<?> system, MeterRegistry meters, Catalog lastKnown) {
    return start(system, meters, lastKnown, NodeRoles.of(system).keepsState() ? Optional.of(Storage.prepare(system)) : Optional.empty());
  }

  /** @param database of a node with the role application, opened before, and closed when the system has terminated; else empty */
  public static ServingNode start(ActorSystem<?> system, MeterRegistry meters, Catalog lastKnown, Optional<Database> database) {
    Config config = system.settings().config();
    LoadingThreads loading = LoadingThreads.of(system);
    AtomicReference<Members> members = new AtomicReference<>(Members.NONE);
    ActorRef<MembersActor.Command> membersActor = MembersActor.start(system, members);
    WireVersionActor.start(system);
    database.ifPresent(own -> EntranceActor.start(system, membersActor, own));
    ActorRef<BulletinActor.Command> bulletin =
        system.systemActorOf(BulletinActor.create(config.getDuration("clipper.cluster.repeat-interval")), "clipper-bulletin", Managing.DISPATCHER);

    ApplicationSettings settings = ApplicationSettings.of(config);
    WireSettings wire = WireSettings.of(config);
    AnswerLead lead = new AnswerLead(settings.answerLead());
    DeadlineClock deadlines = new DeadlineClock(System::nanoTime, lead::handedOver);
    ThreadBudget threads = new ThreadBudget(modelThreads(config));
    Workers workers = Workers.open(Path.of(config.getString("clipper.data")), WorkerConfig.settings(config));
    Runtimes runtimes = Runtimes.found(threads).with(workers.providers());
    ArtifactStore artifacts = ArtifactStore.open(Path.of(config.getString("clipper.data"), "artifacts"));
    Optional<SharedArtifacts> shared = database.filter(own -> !own.isH2()).map(SharedArtifacts::new);
    ArtifactFetcher fetcher = new ArtifactFetcher(artifacts, shared.<List<ArtifactSource>>map(List::of).orElse(List.of()), new ArtifactPeers(system)::sources);
    ActorRef<ArtifactActor.Command> artifactActor =
        ArtifactActor.start(system, artifacts, database.map(own -> (sha256, from) -> keepOf(from, sha256, fetcher, shared, artifacts)));
    PredictionCache cache = openCache(system, config, meters, bulletin);
    FunctionCounter.builder(REFUSED_MESSAGES, WireSerializer.of(system), WireSerializer::refused).register(meters);
    CatalogView catalog = CatalogView.start(system, new KnownRules(), lastKnown);
    VersionMeters replicaMeters = new VersionMeters(meters, id -> catalog.current().version(id).isPresent());
    NodeReplicas replicas =
        NodeReplicas.start(
            system,
            runtimes,
            loading,
            fetcher::path,
            cache,
            catalog,
            bulletin,
            membersActor,
            replicaMeters,
            System::nanoTime,
            deadlines::at,
            ServingNode::randomStream);
    Function<String, CompletionStage<Void>> sharing =
        database.isPresent()
            ? sha256 -> CompletableFuture.runAsync(() -> shared.ifPresent(all -> keep(all, sha256, artifacts)), Aside.THREADS)
            : new ArtifactKeepers(system, artifacts, artifactActor)::keep;
    LoopsHere here = new LoopsHere();
    HeardLedgers heard = new HeardLedgers(here);
    LoopMeters loopMeters = new LoopMeters(meters);
    String node = Peer.nameOf(Cluster.get(system).selfMember().address());
    Optional<PredictionLog> log = database.map(own -> openLog(own, config, meters));
    Optional<ContextStore> contexts = database.map(ContextStore::open);
    Telling telling = new Telling(system, bulletin, heard, node);
    ServingParts parts =
        new ServingParts(
            catalog::current,
            cache,
            replicas::router,
            replicas::ready,
            deadlines,
            log,
            contexts,
            ContextSettings.of(config),
            telling,
            settings,
            lead,
            ServingNode::randomStream,
            System::nanoTime,
            here,
            heard,
            loopMeters,
            node);
    Gauge.builder(LOOPS_HERE, here, LoopsHere::size).description("Loops of applications that take queries on this node").register(meters);
    StandIns standIns = new StandIns(system, parts);
    catalog.subscribe(standIns.listen(bulletin));
    catalog.subscribe(system.systemActorOf(tidying(loopMeters, telling, catalog), "clipper-loops-gone", Managing.DISPATCHER));
    ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding = startLoops(system, parts, members);
    LoopDirectory loops =
        new LoopDirectory(system, sharding, here, standIns, () -> Objects.requireNonNull(members.get()).hasState(), System::nanoTime);
    system.systemActorOf(
        LoopKeeperActor.create(sharding, membersActor, catalog::subscribe, System::nanoTime), "clipper-loop-keeper", Managing.DISPATCHER);
    Applications applications =
        new Applications(
            system, catalog, loops, new ReplyDesk(system, deadlines, System::nanoTime), settings, wire, loopMeters, System::nanoTime, sharing);

    // Within the shutdown, which waits for its tasks: after it the process may be gone before the log's tail is written.
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
            "write-the-prediction-log",
            () ->
                CompletableFuture.supplyAsync(
                    () -> {
                      log.ifPresent(PredictionLog::close);
                      contexts.ifPresent(ContextStore::close);
                      deadlines.close();
                      return Done.getInstance();
                    }));
    Models models = new Models(replicas::router, deadlines, wire, System::nanoTime);
    // Replicas let go of their workers as the system ends.
    CompletionStage<Void> closed = database.map(Database::closed).orElseGet(() -> system.getWhenTerminated().thenAccept(done -> {}));
    CompletionStage<Void> stopped = closed.thenCompose(done -> workers.end());
    Gauge.builder(ANSWER_LEAD, lead, of -> of.nanos() / 1e9)
        .baseUnit("seconds")
        .description("How long before its deadline a query is answered at the latest")
        .register(meters);
    return new ServingNode(
        applications, models, lead, catalog, artifacts, runtimes, workers, threads, replicas, replicaMeters, bulletin, members, here, loading, stopped);
  }

  /** The way in. */
  public Applications applications() {
    return applications;
  }

  /** The way to a model past every application. */
  public Models models() {
    return models;
  }

  /** Whoever carries answers to clients tells it how long that takes. */
  public AnswerLead answerLead() {
    return lead;
  }

  public ArtifactStore artifacts() {
    return artifacts;
  }

  public NodeReplicas replicas() {
    return replicas;
  }

  /** The batches of a version's copies on this node since it started, by their size. */
  public List<BatchTally> batches(ModelId model) {
    return replicaMeters.batches(model);
  }

  /** Empties the cache of every node. */
  public void clearCaches() {
    bulletin.tell(new BulletinActor.Tell(CacheCleared.TOPIC, new CacheCleared(cacheOrders.incrementAndGet())));
  }

  /** Who is up and in reach, as this node sees it. */
  public Members members() {
    return Objects.requireNonNull(members.get());
  }

  /** How many applications' loops take queries on this node. */
  public int loops() {
    return loopsHere.size();
  }

  /** What each model in a process that is being started here waits for, in a line. */
  public Map<ModelId, String> starting() {
    return workers.steps();
  }

  /** What all in-process models of this node share. */
  public ThreadBudget threads() {
    return threads;
  }

  /**
   * Completes when every application's loop runs and every replica that is wanted here is warm, or has failed. Fails with
   * {@link io.clipper.Refused} where the node ends before, as one that finds no cluster does, or that its cluster goes on without.
   */
  public CompletionStage<Catalog> ready() {
    return ready;
  }

  /** The versions that {@link #ready} waits for. */
  public Set<ModelId> unsettled() {
    return Set.copyOf(unsettled);
  }

  /** The answer to what this node was asked; fails with {@link io.clipper.Refused} where the node ends before there is one. */
  public <T> CompletionStage<T> whileItRuns(CompletionStage<T> answer) {
    return Answers.unlessEnded(answer, stopped, new Refused(Refused.Reason.UNAVAILABLE, "the node ended before it served"));
  }

  /** Completes when the system has terminated, the node's database is closed and its workers have ended: its folder may be used again. */
  public CompletionStage<Void> stopped() {
    return stopped;
  }

  /** What a stored ONNX file takes; fails with {@link io.clipper.Refused} for one that is none. */
  public CompletionStage<Signature> inspect(String artifact) {
    return inspect(new ModelId("inspected", "1"), new RuntimeSpec.Onnx(), Optional.of(artifact));
  }

  /** What a version takes, by running a copy of it for a moment; fails with {@link io.clipper.Refused} in the runtime's own words. */
  public CompletionStage<Signature> inspect(ModelId id, RuntimeSpec spec, Optional<String> artifact) {
    return Loading.inspect(runtimes, id, spec, artifact.map(artifacts::path), loading.of(spec));
  }

  /**
   * Stores an ONNX file and serves it: as the next version of the model, asked by an application of the same name, which is made if there
   * is none. Completes when it is warm.
   *
   * @param defaultOutput what the application answers where there is nothing else
   */
  public CompletionStage<ReplicaStatus> deploy(String name, Path onnx, Duration slo, String defaultOutput) {
    Optional<Model> known = Optional.ofNullable(applications.catalog().models().get(name));
    return deploy(new ModelId(name, Versions.next(known)), onnx, slo, defaultOutput);
  }

  /** The same, as a version of that name. */
  public CompletionStage<ReplicaStatus> deploy(ModelId id, Path onnx, Duration slo, String defaultOutput) {
    return CompletableFuture.supplyAsync(() -> artifacts.store(onnx), Aside.THREADS)
        .thenCompose(artifact -> inspect(artifact).thenCompose(signature -> deploy(id, artifact, signature, slo, defaultOutput)));
  }

  private CompletionStage<ReplicaStatus> deploy(ModelId id, String artifact, Signature signature, Duration slo, String defaultOutput) {
    ModelVersion version = ModelVersion.of(id, signature, new RuntimeSpec.Onnx(), Optional.of(artifact));
    Application application = new Application(id.name(), signature, slo, defaultOutput, LearningSettings.DEFAULT, List.of());
    return applications
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(application)))
        .thenCompose(changed -> replicas.whenSettled(id));
  }

  private CompletionStage<Catalog> warm(Catalog loaded) {
    CompletableFuture<?>[] steps =
        Stream.of(
                Stream.of(replicas.whenOwnSettled()),
                loaded.applications().values().stream().map(this::awake),
                loaded.models().values().stream()
                    .filter(model -> model.replicas() != 0)
                    .flatMap(model -> model.currentVersion().stream())
                    .filter(version -> !(version.runtime() instanceof RuntimeSpec.Announced))
                    .map(version -> settled(version.id())))
            .flatMap(each -> each)
            .map(CompletionStage::toCompletableFuture)
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(steps).thenApply(done -> loaded);
  }

  private CompletionStage<ReplicaStatus> settled(ModelId id) {
    unsettled.add(id);
    return replicas.whenSettled(id).whenComplete((status, failure) -> unsettled.remove(id));
  }

  /** A loop that moves while this node joins may take longer than a question to it: a node does not end over that. */
  private CompletionStage<Void> awake(Application application) {
    return Answers.onceAvailable(
        () ->
            stopped.toCompletableFuture().isDone()
                ? CompletableFuture.failedStage(new IllegalStateException("the node has ended"))
                : applications.wake(application),
        PAUSE_BEFORE_ASKING_AGAIN);
  }

  /** A node without the role application hosts none, and only finds them. */
  private static ActorRef<ShardingEnvelope<ApplicationActor.Command>> startLoops(
      ActorSystem<?> system, ServingParts parts, AtomicReference<Members> members) {
    return ClusterSharding.get(system)
        .init(
            Entity.of(
                    LOOPS,
                    entity ->
                        ApplicationActor.create(
                            parts, Partitions.applicationOf(entity.getEntityId()), Partitions.partitionOf(entity.getEntityId())))
                .withMessageExtractor(new LoopShards(system.settings().config().getInt("pekko.cluster.sharding.number-of-shards")))
                .withRole(NodeRoles.APPLICATION)
                .withAllocationStrategy(new ShardPlacement(Cluster.get(system).selfMember().address(), () -> Objects.requireNonNull(members.get())))
                .withStopMessage(new ApplicationActor.Drain()));
  }

  /** By the newest catalog there is: a loop that has seen it may have made meters of what the message does not know yet. */
  private static Behavior<CatalogChanged> tidying(LoopMeters meters, Telling telling, CatalogView catalog) {
    return Behaviors.receiveMessage(
        changed -> {
          Catalog now = catalog.current();
          meters.keepOnly(now);
          telling.keepOnly(now);
          return Behaviors.same();
        });
  }

  private static PredictionCache openCache(
      ActorSystem<?> system, Config config, MeterRegistry meters, ActorRef<BulletinActor.Command> bulletin) {
    PredictionCache cache = new PredictionCache(CacheSettings.of(config), System::nanoTime, meters);
    bulletin.tell(new BulletinActor.Listen(CacheCleared.TOPIC, system.systemActorOf(CacheOrders.create(cache), "clipper-cache-orders", Props.empty())));
    return cache;
  }

  /** Into this node's folder, which is the cluster's store where no database is shared. */
  private static void keepOf(
      ArtifactSource from, String sha256, ArtifactFetcher fetcher, Optional<SharedArtifacts> shared, ArtifactStore artifacts) {
    fetcher.path(sha256, from);
    shared.ifPresent(all -> all.keep(sha256, artifacts));
  }

  /** What a client names without having stored it here is somewhere else, or nowhere. */
  private static void keep(SharedArtifacts shared, String sha256, ArtifactStore artifacts) {
    if (artifacts.holds(sha256)) {
      shared.keep(sha256, artifacts);
    }
  }

  private static int modelThreads(Config config) {
    int configured = config.getInt("clipper.model-threads");
    return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
  }

  private static PredictionLog openLog(Database database, Config config, MeterRegistry meters) {
    PredictionLog log = PredictionLog.open(database, PredictionLogSettings.of(config), QueryIds.PARTITIONS, InstantSource.system());
    FunctionCounter.builder(UNLOGGED, log, PredictionLog::dropped)
        .description("Answered queries that are not in the prediction log: feedback finds them only while their loop remembers them")
        .register(meters);
    FunctionCounter.builder(CROWDED_OUT, log, PredictionLog::crowdedOutBytes)
        .description("What was deleted from the prediction log before its age, because there was more than it keeps")
        .baseUnit("bytes")
        .register(meters);
    return log;
  }

  private static RandomGenerator randomStream() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create();
  }
}
