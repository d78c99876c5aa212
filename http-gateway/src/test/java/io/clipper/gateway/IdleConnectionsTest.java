package io.clipper.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections on which nothing comes and nothing goes, of a server that keeps none for long. */
class IdleConnectionsTest {
  private static final String SETTINGS =
      """
      pekko.daemonic = on
      clipper.gateway.pekko.http.server.idle-timeout = 500 ms
      """;

  @Test
  @Timeout(240)
  void aDeploymentIsWaitedForWhenAnIdleConnectionIsLongClosed() throws Exception {
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "idle", ConfigFactory.parseString(SETTINGS).withFallback(ConfigFactory.load()));
    MemoryClipper clipper = new MemoryClipper(system);
    CompletableFuture<DeployOutcome> outcome = new CompletableFuture<>();
    clipper.held = Optional.of(outcome);
    Gateway gateway =
        Gateway.start(system, TestGateway.settings(), clipper, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), System::nanoTime).toCompletableFuture().join();
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    try {
      URI deploy = URI.create("http://127.0.0.1:%d/admin/deploy?name=net".formatted(gateway.adminAddress().getPort()));
      CompletableFuture<HttpResponse<String>> deploying =
          client.sendAsync(HttpRequest.newBuilder(deploy).POST(HttpRequest.BodyPublishers.ofString("onnx:floats")).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(clipper.warming.await(60, TimeUnit.SECONDS)).isTrue();

      awaitIdleConnectionClosed(gateway);
      awaitIdleConnectionClosed(gateway);
      outcome.complete(new DeployOutcome.Warm(Optional.empty()));

      assertThat(deploying.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    } finally {
      client.shutdownNow();
      gateway.stop(Duration.ofSeconds(1)).toCompletableFuture().join();
      system.terminate();
    }
  }

  private static void awaitIdleConnectionClosed(Gateway gateway) throws IOException {
    try (Socket socket = new Socket(gateway.queryAddress().getAddress(), gateway.queryAddress().getPort())) {
      socket.setSoTimeout(60_000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }
}
