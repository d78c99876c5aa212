package io.clipper.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.ServingNode;
import io.clipper.catalog.Catalog;
import io.clipper.gateway.Gateway;
import io.clipper.gateway.GatewaySettings;
import io.clipper.membership.EntranceActor;
import io.clipper.membership.Members;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.NotLetIn;
import io.clipper.membership.Peer;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.tls.ClusterTrust;
import io.clipper.node.tls.ExpiryActor;
import io.clipper.storage.Database;
import io.clipper.storage.Storage;
import io.clipper.wire.WireSettings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.jspecify.annotations.Nullable;

/** A running node: its folder, its actor system, the parts that serve, and the ports in front of them. */
public final class ClipperNode implements AutoCloseable {
  private static final Duration DRAIN = Duration.ofSeconds(5);
  /** Of a node that was cut off, whose loops must have ended before they start on the other side. */
  private static final Duration DRAIN_CUT_OFF = Duration.ofSeconds(1);
  /** A database that comes back is found within that, and one that is gone is not asked all the time. */
  private static final Duration UNTIL_STARTED_AGAIN = Duration.ofSeconds(3);

  private final DataDirectory data;
  private final ActorSystem<Void> system;
  private final ServingNode serving;
  private final LocalClipper local;
  private final Gateway gateway;

  private ClipperNode(DataDirectory data, ActorSystem<Void> system, ServingNode serving, LocalClipper local, Gateway gateway) {
    this.data = data;
    this.system = system;
    this.serving = serving;
    this.local = local;
    this.gateway = gateway;
  }

  /**
   * Starts a node and waits until it serves.
   *
   * @throws Refused in one line that names the cause and the option
   */
  public static ClipperNode start(NodeOptions options) {
    ClipperNode node = open(options, Catalog.EMPTY, new AtomicReference<>(() -> StartStep.TABLES));
    try {
      node.serve(options);
      return node;
    } catch (RuntimeException failed) {
      node.close();
      throw failed;
    }
  }

  /**
   * Runs a node until it is told to stop. One that its cluster has cut off, as after a split, joins it again, and waits for what it needs for
   * that, as for its database.
   *
   * @throws Refused where the first start fails, or a later one by more than that something does not answer
   */
  public static void run(NodeOptions options, Lives lives) {
    Waiting waiting = new Waiting(lives);
    Optional<Known> known = Optional.empty();
    while (true) {
      AtomicReference<Supplier<String>> step = new AtomicReference<>(() -> StartStep.TABLES);
      NodeOptions now = known.map(before -> joiningAgain(options, before, waiting)).orElse(options);
      try (SlowStart start = new SlowStart(() -> Objects.requireNonNull(step.get()).get(), lives::starts).watching();
          ClipperNode node = open(now, known.map(Known::catalog).orElse(Catalog.EMPTY), step)) {
        if (node.comesToServe(now)) {
          start.isOver();
          waiting.isOver();
          lives.serves(node);
        }
        node.stopped().toCompletableFuture().join();
        if (!node.wasCutOff()) {
          NotLetIn.of(node.system()).ifPresent(ClipperNode::refuse);
          return;
        }
        lives.cutOff();
        known = Optional.of(node.known());
      } catch (Refused refused) {
        if (known.isEmpty() || refused.reason() != Reason.UNAVAILABLE) {
          throw refused;
        }
        waiting.forThat(refused);
        pause();
      }
    }
  }

  private static void refuse(Refused because) {
    throw because;
  }

  /**
   * What a node that was cut off knew.
   *
   * @param others the addresses of the other members
   */
  private record Known(Catalog catalog, Set<String> others) {}

  /** Tells what a node waits for that cannot join again: once, and again where it is something else. */
  private static final class Waiting {
    private final Lives lives;
    private String told = "";

    private Waiting(Lives lives) {
      this.lives = lives;
    }

    private void forThat(Refused because) {
      if (!told.equals(because.getMessage())) {
        told = String.valueOf(because.getMessage());
        lives.waits(because);
      }
    }

    private void isOver() {
      told = "";
    }
  }

  /** Its cluster may be at other addresses by now. Where nobody can be asked for them, the members that it knew are left. */
  private static NodeOptions joiningAgain(NodeOptions options, Known known, Waiting waiting) {
    try {
      return options.found().rejoining(known.others());
    } catch (Refused unanswered) {
      waiting.forThat(unanswered);
      return options.rejoining(known.others());
    }
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(UNTIL_STARTED_AGAIN.toNanos());
    } catch (InterruptedException told) {
      Thread.currentThread().interrupt();
      throw new Refused(Reason.UNAVAILABLE, "told to stop before it had joined again");
    }
  }

  /**
   * A node that does not serve yet.
   *
   * @param lastKnown the catalog of which it serves the defaults until it hears of another
   * @param step is set to what the start waits for, in words
   */
  private static ClipperNode open(NodeOptions options, Catalog lastKnown, AtomicReference<Supplier<String>> step) {
    NodeSettings.check(options);
    DataDirectory data = DataDirectory.open(options.data());
    try {
      return open(options, lastKnown, data, step);
    } catch (RuntimeException failed) {
      closeQuietly(data, failed);
      throw failed;
    }
  }

  private static ClipperNode open(NodeOptions options, Catalog lastKnown, DataDirectory data, AtomicReference<Supplier<String>> step) {
    Config config =
        ConfigFactory.parseMap(Map.of("pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes", patience(options, lastKnown)), "patience")
            .withFallback(config(options));
    GatewaySettings ports = GatewaySettings.from(config);
    ClusterTrust.check(config, options.insecure(), Instant.now());
    NodeSettings.checkClusterPort(options);
    Optional<Database> database = NodeSettings.roles(options).contains(NodeRoles.APPLICATION) ? Optional.of(Storage.open(config)) : Optional.empty();
    ActorSystem<Void> system = over(config, database);
    CompletionStage<?> ended = database.<CompletionStage<?>>map(Database::closed).orElseGet(system::getWhenTerminated);
    try {
      PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      ServingNode serving = ServingNode.start(system, meters, lastKnown, database);
      ended = serving.stopped();
      ExpiryActor.start(system, meters, InstantSource.system());
      LocalClipper local = new LocalClipper(system, serving);
      step.set(local::waitsFor);
      Gateway gateway =
          await(
              NodeRoles.of(system).takesQueries()
                  ? Gateway.start(system, ports, local, meters, System::nanoTime)
                  : Gateway.startManagement(system, ports, local, meters));
      return new ClipperNode(data, system, serving, local, gateway);
    } catch (RuntimeException failed) {
      system.terminate();
      await(ended); // and with it nothing writes to the folder any more
      throw inWords(failed, system, options);
    }
  }

  /** Shows the others which database it has, if any, which ends with it. */
  private static ActorSystem<Void> over(Config config, Optional<Database> database) {
    try {
      Config shown = database.map(own -> EntranceActor.shown(config, own)).orElse(config);
      ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), NodeSettings.SYSTEM, shown);
      database.ifPresent(own -> system.getWhenTerminated().whenComplete((done, failure) -> own.close()));
      return system;
    } catch (RuntimeException failed) {
      database.ifPresent(Database::close);
      throw failed;
    }
  }

  /**
   * Who knew a cluster waits for it; who never saw one may have been told a wrong address, and who was not told looks again for others.
   */
  private static String patience(NodeOptions options, Catalog lastKnown) {
    return lastKnown.equals(Catalog.EMPTY) || options.discovery().isPresent() ? "60 s" : "off";
  }

  public ServingNode serving() {
    return serving;
  }

  public ActorSystem<Void> system() {
    return system;
  }

  /** Whether it has the role gateway, and ports for clients. */
  public boolean takesQueries() {
    return gateway.takesQueries();
  }

  /** Throws {@link java.util.NoSuchElementException} where it takes no queries. */
  public InetSocketAddress queryAddress() {
    return gateway.queryAddress();
  }

  public InetSocketAddress adminAddress() {
    return gateway.adminAddress();
  }

  /** Throws {@link java.util.NoSuchElementException} where it takes no queries. */
  public InetSocketAddress grpcAddress() {
    return gateway.grpcAddress();
  }

  /** {@code HOST:PORT} that other nodes join. */
  public String clusterAddress() {
    return Peer.nameOf(Cluster.get(system).selfMember().address());
  }

  /** Completes when the node has stopped, by whatever asked it to, and its folder is free. */
  public CompletionStage<Void> stopped() {
    return serving.stopped();
  }

  /** Whether the node stopped because its cluster went on without it: it may join again. */
  boolean wasCutOff() {
    return hasEndedFor(system, CoordinatedShutdown.clusterDowningReason());
  }

  private static boolean hasEndedFor(ActorSystem<?> system, CoordinatedShutdown.Reason reason) {
    return CoordinatedShutdown.get(system).getShutdownReason().filter(reason::equals).isPresent();
  }

  /** Drains, stops, and waits for it. */
  @Override
  public void close() {
    system.terminate();
    await(stopped());
    // What waits for the same end may not have released the folder yet, and the caller may start the next node at once.
    closeQuietly(data, null);
  }

  /** Whether it came to serve. One that is cut off before does not, nor one that is told to stop: it ends by itself. */
  private boolean comesToServe(NodeOptions options) {
    try {
      serve(options);
      return !wasCutOff();
    } catch (RuntimeException failed) {
      if (isStopped()) {
        return false;
      }
      throw failed;
    }
  }

  /** By its cluster or by whoever runs it, and not because nobody answered. */
  private boolean isStopped() {
    return CoordinatedShutdown.get(system).getShutdownReason().filter(reason -> !reason.equals(CoordinatedShutdown.clusterJoinUnsuccessfulReason())).isPresent();
  }

  private void serve(NodeOptions options) {
    try {
      prepare(options);
    } catch (RuntimeException failed) {
      throw inWords(failed, system, options);
    }
    local.serves();
    drainOnShutdown();
  }

  /** What fails while a system ends says less than why it does. */
  private static RuntimeException inWords(RuntimeException failed, ActorSystem<?> system, NodeOptions options) {
    if (hasEndedFor(system, CoordinatedShutdown.clusterJoinUnsuccessfulReason())) {
      return NodeSettings.unanswered(options);
    }
    if (hasEndedFor(system, CoordinatedShutdown.clusterDowningReason())) {
      return new Refused(Reason.UNAVAILABLE, "the cluster went on without this node before it served");
    }
    return NotLetIn.of(system).map(RuntimeException.class::cast).orElse(failed);
  }

  private void prepare(NodeOptions options) {
    awaitHere(serving.ready());
    options.models().ifPresent(folder -> awaitHere(ModelRepository.deploy(serving, folder)));
    boolean empty = serving.applications().catalog().applications().isEmpty();
    boolean runsModels = NodeRoles.of(system).runsReplicas();
    if (empty && runsModels && options.quickstart() && options.models().isEmpty() && options.join().isEmpty()) {
      awaitHere(Quickstart.deploy(serving));
    }
    awaitHere(Quickstart.firstPrediction(serving));
  }

  /** Of what may never come where the node ends meanwhile. */
  private <T> T awaitHere(CompletionStage<T> stage) {
    return await(serving.whileItRuns(stage));
  }

  private Known known() {
    Members members = serving.members();
    Set<String> others = new HashSet<>(members.all());
    others.remove(members.self());
    return new Known(serving.applications().catalog(), others);
  }

  private void drainOnShutdown() {
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
        "not-ready",
        () -> {
          local.drains();
          return pauseForClients();
        });
    shutdown.addTask(CoordinatedShutdown.PhaseServiceUnbind(), "answer-what-was-accepted", () -> gateway.stop(wasCutOff() ? DRAIN_CUT_OFF : DRAIN));
    stopped().whenComplete((done, failure) -> closeQuietly(data, failure));
  }

  /** Those who watch this node's readiness go to another before its ports close, where there is another, and time. */
  private CompletionStage<Done> pauseForClients() {
    Duration pause = system.settings().config().getDuration("clipper.cluster.drain-pause");
    return takesQueries() && !wasCutOff() && serving.members().with(NodeRoles.GATEWAY).size() > 1
        ? CompletableFuture.supplyAsync(Done::getInstance, CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS))
        : CompletableFuture.completedStage(Done.getInstance());
  }

  private static Config config(NodeOptions options) {
    try {
      Config given = options.config().map(file -> ConfigFactory.parseFile(file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))).orElseGet(ConfigFactory::empty);
      return WireSettings.framed(
          NodeSettings.config(options).withFallback(given).withFallback(ServingNode.config(options.data(), options.jdbc())).resolve());
    } catch (ConfigException wrong) {
      throw new Refused(Reason.INVALID, "the settings of --config cannot be read: " + wrong.getMessage());
    }
  }

  private static void closeQuietly(DataDirectory data, @Nullable Throwable because) {
    try {
      data.close();
    } catch (IOException failed) {
      if (because != null) {
        because.addSuppressed(failed);
      } else {
        throw new UncheckedIOException(failed);
      }
    }
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof Refused refused) {
        throw refused;
      }
      throw failed;
    }
  }
}
