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
import io.clipper.membership.NodeRoles;
import io.clipper.membership.NotLetIn;
import io.clipper.membership.Peer;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.tls.ClusterTrust;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
    return start(options, Catalog.EMPTY);
  }

  /**
   * Runs a node until it is told to stop. One that its cluster has cut off, as after a split, joins it again, and waits for what it needs for
   * that, as for its database.
   *
   * @throws Refused where the first start fails, or a later one by more than that something does not answer
   */
  public static void run(NodeOptions options, Lives lives) {
    NodeOptions now = options;
    ClipperNode next = start(options);
    while (true) {
      Catalog known;
      try (ClipperNode node = next) {
        lives.serves(node);
        node.stopped().toCompletableFuture().join();
        if (!node.wasCutOff()) {
          NotLetIn.of(node.system()).ifPresent(ClipperNode::refuse);
          return;
        }
        lives.cutOff();
        known = node.serving().applications().catalog();
        now = options.rejoining(node.serving().members().all());
      }
      next = startAgain(now, known, lives);
    }
  }

  private static void refuse(Refused because) {
    throw because;
  }

  private static ClipperNode startAgain(NodeOptions options, Catalog known, Lives lives) {
    String told = "";
    while (true) {
      try {
        return start(options, known);
      } catch (Refused refused) {
        if (refused.reason() != Reason.UNAVAILABLE) {
          throw refused;
        }
        if (!told.equals(refused.getMessage())) {
          told = String.valueOf(refused.getMessage());
          lives.waits(refused);
        }
        pause();
      }
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

  /** @param lastKnown the catalog of which the node serves the defaults until it hears of another */
  static ClipperNode start(NodeOptions options, Catalog lastKnown) {
    NodeSettings.check(options);
    DataDirectory data = DataDirectory.open(options.data());
    try {
      return start(options, lastKnown, data);
    } catch (RuntimeException failed) {
      closeQuietly(data, failed);
      throw failed;
    }
  }

  private static ClipperNode start(NodeOptions options, Catalog lastKnown, DataDirectory data) {
    // Who knew a cluster waits for it; who never saw one may have been told a wrong address.
    String patience = lastKnown.equals(Catalog.EMPTY) ? "60 s" : "off";
    Config config =
        ConfigFactory.parseMap(Map.of("pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes", patience), "patience").withFallback(config(options));
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
      LocalClipper local = new LocalClipper(system, serving);
      Gateway gateway =
          await(
              NodeRoles.of(system).takesQueries()
                  ? Gateway.start(system, ports, local, meters, System::nanoTime)
                  : Gateway.startManagement(system, ports, local, meters));
      ClipperNode node = new ClipperNode(data, system, serving, local, gateway);
      node.serve(options);
      node.drainOnShutdown();
      return node;
    } catch (RuntimeException failed) {
      boolean unanswered = hasEndedFor(system, CoordinatedShutdown.clusterJoinUnsuccessfulReason());
      system.terminate();
      await(ended); // and with it nothing writes to the folder any more
      NotLetIn.of(system).ifPresent(ClipperNode::refuse);
      throw unanswered ? new Refused(Reason.UNAVAILABLE, "no node of a cluster answers at %s: see --join".formatted(options.join())) : failed;
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

  private void serve(NodeOptions options) {
    await(serving.ready());
    options.models().ifPresent(folder -> await(ModelRepository.deploy(serving, folder)));
    boolean empty = serving.applications().catalog().applications().isEmpty();
    boolean runsModels = NodeRoles.of(system).runsReplicas();
    if (empty && runsModels && options.quickstart() && options.models().isEmpty() && options.join().isEmpty()) {
      await(Quickstart.deploy(serving));
    }
    await(Quickstart.firstPrediction(serving));
    local.serves();
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
