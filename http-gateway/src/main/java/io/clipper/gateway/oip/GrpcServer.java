package io.clipper.gateway.oip;

import io.clipper.Refused;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.GatewaySettings;
import io.clipper.gateway.HttpServer;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;

/** The gRPC port: the protocol, feedback, health and reflection. */
public final class GrpcServer {
  /** Room for an image on its way, where the default of 1 MiB would pause it. */
  private static final int FLOW_WINDOW_BYTES = 4 << 20;
  /** The protocol's clients ping that often when they are told to keep a connection alive. */
  private static final Duration QUICKEST_PING = Duration.ofSeconds(5);

  /**
   * It warns, with a stack, of what a client gets wrong around its messages, which the client hears from its stream's end. Held here, or it
   * could be collected, and its level with it.
   */
  private static final Logger FRAMES = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerHandler");

  private final Server server;

  private GrpcServer(Server server) {
    this.server = server;
  }

  /** Throws {@link Refused} in one line where the port cannot be had. The older reflection is deprecated, and what many clients ask. */
  @SuppressWarnings("deprecation")
  public static GrpcServer start(ActorSystem<?> system, GatewaySettings settings, Clipper clipper, Oip oip) {
    String host = settings.oip().grpcHost();
    int port = settings.oip().grpcPort();
    FRAMES.setLevel(Level.SEVERE);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
            // Whoever answers only parses, cuts and tells: a hop to another thread would cost more than that.
            .directExecutor()
            .maxInboundMessageSize((int) settings.maxBodyBytes())
            .flowControlWindow(FLOW_WINDOW_BYTES)
            .permitKeepAliveWithoutCalls(true)
            .permitKeepAliveTime(QUICKEST_PING.toMillis(), TimeUnit.MILLISECONDS)
            .decompressorRegistry(DecompressorRegistry.getDefaultInstance().with(new Gzip(), true).with(new Deflate(), true))
            .compressorRegistry(CompressorRegistry.getDefaultInstance())
            .intercept(new CallHeaders())
            .addService(InferMethods.of(new InferenceService(oip), (int) settings.maxBodyBytes()))
            .addService(CarefulCalls.of(new FeedbackService(clipper).bindService()))
            .addService(CarefulCalls.of(new HealthService(clipper, system).bindService()))
            .addService(CarefulCalls.of(ProtoReflectionServiceV1.newInstance().bindService()))
            .addService(CarefulCalls.of(ProtoReflectionService.newInstance().bindService()))
            .build();
    try {
      return new GrpcServer(server.start());
    } catch (IOException unbound) {
      throw HttpServer.refusal(host, port, "--grpc-port", unbound.getCause() == null ? unbound : unbound.getCause());
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.getListenSockets().getFirst();
  }

  /** No new calls; what was accepted is answered, if it can be within that time. */
  public CompletionStage<Done> stop(Duration deadline) {
    server.shutdown();
    CompletableFuture<Done> stopped = new CompletableFuture<>();
    Thread.ofVirtual().name("clipper-grpc-stop").start(() -> {
      try {
        if (!server.awaitTermination(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
          server.shutdownNow();
        }
      } catch (InterruptedException interrupted) {
        server.shutdownNow();
      }
      stopped.complete(Done.getInstance());
    });
    return stopped;
  }
}
