package io.clipper.replica;

import com.typesafe.config.Config;
import io.clipper.Answers;
import io.clipper.Managing;
import io.clipper.bulletin.BulletinActor;
import io.clipper.cache.PredictionCache;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChanged;
import io.clipper.catalog.CatalogView;
import io.clipper.catalog.ModelVersion;
import io.clipper.membership.MembersActor;
import io.clipper.membership.NodeRoles;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.Runtimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;

/** One node's replicas: runs its share of what the catalog wants, and is the way to all of it. */
public final class NodeReplicas {
  private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(3);
  /** For the batches that are with their models, all that was accepted having been answered. */
  private static final Duration RETIREMENT = Duration.ofSeconds(2);

  private final ActorSystem<?> system;
  private final ActorRef<ReplicaHostActor.Command> host;
  private final ReplicaRouters routers;
  private final ReplicaTable table;

  private NodeReplicas(ActorSystem<?> system, ActorRef<ReplicaHostActor.Command> host, ReplicaRouters routers, ReplicaTable table) {
    this.system = system;
    this.host = host;
    this.routers = routers;
    this.table = table;
  }

  /**
   * @param artifacts where the bytes of a digest are
   * @param randoms makes one stream of random numbers for each actor
   */
  public static NodeReplicas start(
      ActorSystem<?> system,
      Runtimes runtimes,
      LoadingThreads threads,
      Function<String, Path> artifacts,
      PredictionCache cache,
      CatalogView catalog,
      ActorRef<BulletinActor.Command> bulletin,
      ActorRef<MembersActor.Command> members,
      VersionMeters metrics,
      LongSupplier nanoClock,
      Alarms alarms,
      Supplier<RandomGenerator> randoms) {
    Config config = system.settings().config();
    ReplicaSettings settings = ReplicaSettings.of(config);
    ReplicaTable table = new ReplicaTable();
    ReplicaRouters routers =
        new ReplicaRouters(system, cache, model -> catalog.current().version(model).map(ModelVersion::cached).orElse(true), RouterSettings.of(config), nanoClock, alarms, randoms);
    ReplicaLoader loader = new ReplicaLoader(ReplicaLoader.Loading.of(runtimes), artifacts, settings.warmUpTimeout(), threads);
    ActorRef<ReplicaHostActor.Command> host =
        system.systemActorOf(
            ReplicaHostActor.create(
                loader,
                settings,
                routers,
                table,
                running -> bulletin.tell(new BulletinActor.Tell(Running.TOPIC, running)),
                metrics::of,
                nanoClock,
                alarms,
                randoms.get()),
            "clipper-replica-host",
            Managing.DISPATCHER);
    catalog.subscribe(system.systemActorOf(follow(catalog, routers, cache, metrics, Map.of()), "clipper-known-versions", Managing.DISPATCHER));
    system.systemActorOf(NeighboursActor.create(bulletin, routers, table, host), "clipper-neighbours", Managing.DISPATCHER);
    system.systemActorOf(PlacementActor.create(bulletin, members, catalog::subscribe, table, host), "clipper-placement", Managing.DISPATCHER);
    NodeReplicas replicas = new NodeReplicas(system, host, routers, table);
    if (NodeRoles.of(system).runsReplicas()) {
      replicas.handOverAtTheEnd(bulletin, config.getDuration("clipper.cluster.handover-timeout"));
    }
    return replicas;
  }

  /** While the node still answers its copies get warm elsewhere; what cannot move stops when the node's ports are closed. */
  private void handOverAtTheEnd(ActorRef<BulletinActor.Command> bulletin, Duration patience) {
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
        "copies-move",
        () -> {
          if (hasNobodyToTell(shutdown)) {
            return CompletableFuture.completedStage(Done.getInstance());
          }
          bulletin.tell(new BulletinActor.Tell(Leaving.TOPIC, new Leaving()));
          return atMost(patience, table.whenHandedOver().thenApply(moved -> Done.getInstance()));
        });
    shutdown.addTask(
        CoordinatedShutdown.PhaseServiceStop(),
        "copies-stop",
        () ->
            hasNobodyToTell(shutdown)
                ? CompletableFuture.completedStage(Done.getInstance())
                : atMost(RETIREMENT, Answers.here(AskPattern.ask(host, ReplicaHostActor.Retire::new, STATUS_TIMEOUT, system.scheduler()))));
  }

  /** Alone, or cut off from the others, who start its copies without it. */
  private boolean hasNobodyToTell(CoordinatedShutdown shutdown) {
    boolean isAlone = StreamSupport.stream(Cluster.get(system).state().getMembers().spliterator(), false).count() < 2;
    return isAlone || shutdown.getShutdownReason().filter(CoordinatedShutdown.clusterDowningReason()::equals).isPresent();
  }

  private static CompletionStage<Done> atMost(Duration patience, CompletionStage<Done> stage) {
    return stage.toCompletableFuture().completeOnTimeout(Done.getInstance(), patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The way to the replicas of a version. */
  public ActorRef<ReplicaRouterActor.Command> router(ModelId model) {
    return routers.of(model);
  }

  /** The versions that take queries, on whatever node; the same object until that changes. */
  public Set<ModelId> ready() {
    return table.ready();
  }

  /** Completes when a copy of that version takes queries, or cannot be loaded on any node, or on several, or when no node may run it. */
  public CompletionStage<ReplicaStatus> whenSettled(ModelId model) {
    return table.whenSettled(model);
  }

  /** Completes when each copy that is placed on this node takes queries, or has failed; at once on one that runs none. */
  public CompletionStage<Void> whenOwnSettled() {
    return NodeRoles.of(system).runsReplicas() ? table.whenOwnSettled() : CompletableFuture.completedStage(null);
  }

  /** The copies of versions that are wanted and that no node in reach may run, each as failed with the reason. */
  public List<ReplicaStatus> nowhere() {
    return table.nowhere();
  }

  /** Uses a worker that was started elsewhere as a copy of that version; completes with how it is doing. */
  public CompletionStage<ReplicaStatus> announce(Announcement announcement) {
    return Answers.here(
        AskPattern.ask(host, replyTo -> new ReplicaHostActor.Announce(announcement, replyTo), STATUS_TIMEOUT, system.scheduler()));
  }

  /** That worker takes nothing new. */
  public void leave(ModelId model, String url) {
    host.tell(new ReplicaHostActor.Leave(model, url));
  }

  /** The copies of all other nodes, by the node's address, as each has told last. */
  public Map<String, List<ReplicaStatus>> elsewhere() {
    return table.elsewhere();
  }

  /** Every copy on this node. */
  public CompletionStage<List<ReplicaStatus>> statuses() {
    return Answers.here(AskPattern.ask(host, ReplicaHostActor.GetReplicas::new, STATUS_TIMEOUT, system.scheduler()))
        .thenApply(ReplicaHostActor.Replicas::statuses);
  }

  /**
   * A version that was deleted may come back with other content: nothing that is remembered of it may answer for the new one. By the newest
   * catalog there is: a version that the message does not know yet may be asked already, and has a router.
   */
  private static Behavior<CatalogChanged> follow(
      CatalogView catalog, ReplicaRouters routers, PredictionCache cache, VersionMeters metrics, Map<ModelId, Long> before) {
    return Behaviors.receiveMessage(
        changed -> {
          Map<ModelId, Long> versions = versions(catalog.current());
          routers.keepOnly(versions.keySet());
          cache.countOnly(versions.keySet());
          if (!versions.entrySet().containsAll(before.entrySet())) {
            cache.clear();
            metrics.tidy();
          }
          return follow(catalog, routers, cache, metrics, versions);
        });
  }

  /** Each with what tells it from another that had its name: of a deletion between two catalogs only the second may be heard of. */
  private static Map<ModelId, Long> versions(Catalog catalog) {
    return catalog.models().values().stream()
        .flatMap(model -> model.versions().values().stream())
        .map(ModelVersion::id)
        .collect(Collectors.toUnmodifiableMap(id -> id, catalog::incarnation));
  }
}
