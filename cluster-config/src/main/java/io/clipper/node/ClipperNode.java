package io.clipper.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.ServingNode;
import io.clipper.gateway.Gateway;
import io.clipper.gateway.GatewaySettings;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.tls.ClusterTrust;
import io.clipper.wire.WireSettings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/** A running node: its folder, its actor system, the parts that serve, and the ports in front of them. */
public final class ClipperNode implements AutoCloseable {
  private static final Duration DRAIN = Duration.ofSeconds(5);

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
    NodeSettings.check(options);
    DataDirectory data = DataDirectory.open(options.data());
    try {
      return start(options, data);
    } catch (RuntimeException failed) {
      closeQuietly(data, failed);
      throw failed;
    }
  }

  private static ClipperNode start(NodeOptions options, DataDirectory data) {
    Config config = config(options);
    GatewaySettings ports = GatewaySettings.from(config);
    ClusterTrust.check(config, options.insecure(), Instant.now());
    NodeSettings.checkClusterPort(options);
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "clipper", config);
    try {
      PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      ServingNode serving = ServingNode.start(system, meters);
      LocalClipper local = new LocalClipper(system, serving, NodeSettings.shape(options));
      Gateway gateway = await(Gateway.start(system, ports, local, meters, System::nanoTime));
      ClipperNode node = new ClipperNode(data, system, serving, local, gateway);
      node.serve(options);
      node.drainOnShutdown();
      return node;
    } catch (RuntimeException failed) {
      system.terminate();
      await(system.getWhenTerminated());
      throw failed;
    }
  }

  public ServingNode serving() {
    return serving;
  }

  public ActorSystem<Void> system() {
    return system;
  }

  public InetSocketAddress queryAddress() {
    return gateway.queryAddress();
  }

  public InetSocketAddress adminAddress() {
    return gateway.adminAddress();
  }

  public InetSocketAddress grpcAddress() {
    return gateway.grpcAddress();
  }

  /** Completes when the node has stopped, by whatever asked it to, and its folder is free. */
  public CompletionStage<Void> stopped() {
    return serving.stopped();
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
    if (empty && options.quickstart() && options.models().isEmpty()) {
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
          return CompletableFuture.completedStage(Done.getInstance());
        });
    shutdown.addTask(CoordinatedShutdown.PhaseServiceUnbind(), "answer-what-was-accepted", () -> gateway.stop(DRAIN));
    stopped().whenComplete((done, failure) -> closeQuietly(data, failure));
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
