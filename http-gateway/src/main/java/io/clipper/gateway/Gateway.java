package io.clipper.gateway;

import io.clipper.gateway.admin.AdminApi;
import io.clipper.gateway.clipper.QueryApi;
import io.clipper.gateway.metrics.RequestMeters;
import io.clipper.gateway.oip.Aliases;
import io.clipper.gateway.oip.GrpcServer;
import io.clipper.gateway.oip.Oip;
import io.clipper.gateway.oip.OipApi;
import io.clipper.gateway.openapi.DocumentApi;
import io.clipper.wire.WireSettings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.Materializer;

/** The ports of a node: queries and management over HTTP, inferences over gRPC. */
public final class Gateway {
  /** Nothing has asked it anything yet. */
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private final HttpServer queries;
  private final HttpServer management;
  private final GrpcServer inferences;

  private Gateway(HttpServer queries, HttpServer management, GrpcServer inferences) {
    this.queries = queries;
    this.management = management;
    this.inferences = inferences;
  }

  /**
   * Fails with {@link io.clipper.Refused}, in one line that names the option, where a port cannot be had or management would be open to
   * anyone.
   */
  public static CompletionStage<Gateway> start(
      ActorSystem<?> system, GatewaySettings settings, Clipper clipper, PrometheusMeterRegistry registry, LongSupplier nanoClock) {
    try {
      settings.checkTrust();
    } catch (RuntimeException refused) {
      return CompletableFuture.failedStage(refused);
    }
    Bodies bodies = new Bodies(settings.maxBodyBytes(), settings.bodyTimeout(), Materializer.createMaterializer(system));
    RequestMeters meters = new RequestMeters(registry, nanoClock);
    Oip oip = new Oip(clipper, settings, meters, registry, nanoClock);
    Endpoint original = new QueryApi(clipper, bodies, WireSettings.of(system.settings().config()), meters, nanoClock);
    Endpoint inference = new OipApi(oip, bodies, settings.maxBodyBytes());
    Endpoint aliases = new Aliases(oip, bodies, settings.maxBodyBytes());
    Endpoint adminApi = new AdminApi(clipper, bodies, settings, registry);
    return HttpServer.bind(system, settings.adminHost(), settings.adminPort(), "--admin-port", adminApi)
        .thenCompose(
            management ->
                HttpServer.bind(
                        system,
                        settings.queryHost(),
                        settings.queryPort(),
                        "--http-port",
                        new QueryPort(original, inference, aliases, new DocumentApi(bodies, oip.version(), management.address().getPort())),
                        clipper::answerWaited)
                    .thenCompose(
                        queries ->
                            orStop(queries, () -> new Gateway(queries, management, GrpcServer.start(system, settings, clipper, oip))))
                    .exceptionallyCompose(failure -> stopped(management, failure)));
  }

  private static CompletionStage<Gateway> orStop(HttpServer queries, Supplier<Gateway> gateway) {
    try {
      return CompletableFuture.completedStage(gateway.get());
    } catch (RuntimeException failure) {
      return stopped(queries, failure);
    }
  }

  private static CompletionStage<Gateway> stopped(HttpServer server, Throwable failure) {
    return server.stop(AT_ONCE).thenCompose(done -> CompletableFuture.failedStage(failure));
  }

  public InetSocketAddress queryAddress() {
    return queries.address();
  }

  public InetSocketAddress adminAddress() {
    return management.address();
  }

  public InetSocketAddress grpcAddress() {
    return inferences.address();
  }

  /** Management last, so that whoever watches the node's health sees it drain. */
  public CompletionStage<Done> stop(Duration deadline) {
    CompletionStage<Done> inferencesStopped = inferences.stop(deadline);
    return queries.stop(deadline).thenCombine(inferencesStopped, (one, other) -> other).thenCompose(done -> management.stop(deadline));
  }
}
