package io.clipper.gateway;

import io.clipper.Managing;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.Materializer;

/** The ports of a node: management over HTTP, and where it takes queries those over HTTP, and inferences over gRPC. */
public final class Gateway {
  /** Nothing has asked it anything yet. */
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  /** A quarter of the heap for bodies that are being read: they grow as they are parsed, and the rest of the node lives beside them. */
  private static final long SHARE_OF_BODIES = 4;

  private final HttpServer management;
  private final Optional<Doors> doors;

  /** For clients. */
  private record Doors(HttpServer queries, GrpcServer inferences) {}

  private Gateway(HttpServer management, Optional<Doors> doors) {
    this.management = management;
    this.doors = doors;
  }

  /**
   * Fails with {@link io.clipper.Refused}, in one line that names the option, where a port cannot be had or management would be open to
   * anyone.
   */
  public static CompletionStage<Gateway> start(
      ActorSystem<?> system, GatewaySettings settings, Clipper clipper, PrometheusMeterRegistry registry, LongSupplier nanoClock) {
    Bodies bodies = bodies(system, settings);
    RequestMeters meters = meters(clipper, registry, nanoClock);
    Oip oip = new Oip(clipper, settings, meters, registry, nanoClock);
    Endpoint original = new QueryApi(clipper, bodies, WireSettings.of(system.settings().config()), meters, nanoClock);
    Endpoint inference = new OipApi(oip, bodies, settings.maxBodyBytes());
    Endpoint aliases = new Aliases(oip, bodies, settings.maxBodyBytes());
    return management(system, settings, clipper, registry, meters, bodies)
        .thenCompose(
            management ->
                HttpServer.bind(
                        system,
                        "clipper.gateway.query",
                        settings.queryHost(),
                        settings.queryPort(),
                        "--http-port",
                        new QueryPort(original, inference, aliases, new DocumentApi(bodies, oip.version(), management.address().getPort())),
                        clipper::answerWaited)
                    .thenCompose(
                        queries ->
                            orStop(
                                queries,
                                () -> new Gateway(management, Optional.of(new Doors(queries, GrpcServer.start(system, settings, clipper, oip))))))
                    .exceptionallyCompose(failure -> stopped(management, failure)));
  }

  /** Of a node that takes no queries; fails as {@link #start} does. */
  public static CompletionStage<Gateway> startManagement(
      ActorSystem<?> system, GatewaySettings settings, Clipper clipper, PrometheusMeterRegistry registry) {
    RequestMeters none = meters(clipper, registry, System::nanoTime);
    return management(system, settings, clipper, registry, none, bodies(system, settings))
        .thenApply(management -> new Gateway(management, Optional.empty()));
  }

  private static RequestMeters meters(Clipper clipper, PrometheusMeterRegistry registry, LongSupplier nanoClock) {
    return new RequestMeters(registry, name -> clipper.application(name).isPresent(), nanoClock);
  }

  private static Bodies bodies(ActorSystem<?> system, GatewaySettings settings) {
    Room room = new Room(Math.max(settings.maxBodyBytes(), Runtime.getRuntime().maxMemory() / SHARE_OF_BODIES));
    return new Bodies(settings.maxBodyBytes(), room, settings.bodyTimeout(), Materializer.createMaterializer(system));
  }

  private static CompletionStage<HttpServer> management(
      ActorSystem<?> system, GatewaySettings settings, Clipper clipper, PrometheusMeterRegistry registry, RequestMeters meters, Bodies bodies) {
    try {
      settings.checkTrust();
    } catch (RuntimeException refused) {
      return CompletableFuture.failedStage(refused);
    }
    AdminApi api = new AdminApi(clipper, bodies, settings, registry, meters, Managing.threads(system));
    return HttpServer.bind(system, "clipper.gateway.admin", settings.adminHost(), settings.adminPort(), "--admin-port", api);
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

  public boolean takesQueries() {
    return doors.isPresent();
  }

  /** Throws {@link java.util.NoSuchElementException} where it takes no queries. */
  public InetSocketAddress queryAddress() {
    return doors.orElseThrow().queries().address();
  }

  public InetSocketAddress adminAddress() {
    return management.address();
  }

  /** Throws {@link java.util.NoSuchElementException} where it takes no queries. */
  public InetSocketAddress grpcAddress() {
    return doors.orElseThrow().inferences().address();
  }

  /** Management last, so that whoever watches the node's health sees it drain. */
  public CompletionStage<Done> stop(Duration deadline) {
    CompletionStage<Done> closed = doors.map(open -> closed(open, deadline)).orElseGet(() -> CompletableFuture.completedStage(Done.getInstance()));
    return closed.thenCompose(done -> management.stop(deadline));
  }

  private static CompletionStage<Done> closed(Doors doors, Duration deadline) {
    CompletionStage<Done> inferencesStopped = doors.inferences().stop(deadline);
    return doors.queries().stop(deadline).thenCombine(inferencesStopped, (one, other) -> other);
  }
}
