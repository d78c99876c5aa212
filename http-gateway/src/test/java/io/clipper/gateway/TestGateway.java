package io.clipper.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.typesafe.config.ConfigFactory;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Both ports on loopback over a {@link MemoryClipper}, and a client that speaks HTTP to them. */
public final class TestGateway implements AutoCloseable {
  /** One for all tests; its threads end with the JVM. */
  public static final ActorSystem<Void> SYSTEM =
      ActorSystem.create(
          Behaviors.empty(), "gateway", ConfigFactory.parseString("pekko.daemonic = on").withFallback(ConfigFactory.load()));

  private static final JsonMapper JSON = new JsonMapper();

  /** One for each gateway: a connection that is kept open to a port whose gateway has gone must not meet the port's next owner. */
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  public final MemoryClipper clipper = new MemoryClipper(SYSTEM);
  public final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  public final Gateway gateway;

  public TestGateway() {
    this(settings -> settings);
  }

  public TestGateway(UnaryOperator<GatewaySettings> change) {
    gateway = Gateway.start(SYSTEM, change.apply(settings()), clipper, registry, System::nanoTime).toCompletableFuture().join();
  }

  /** The defaults, on free ports. */
  public static GatewaySettings settings() {
    return GatewaySettings.from(ConfigFactory.parseString("clipper.gateway { query.port = 0, admin.port = 0, grpc.port = 0 }").withFallback(ConfigFactory.load()));
  }

  /** What came back. */
  public record Reply(int status, String body, HttpResponse<byte[]> response) {
    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException notJson) {
        throw new UncheckedIOException(body, notJson);
      }
    }

    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  public Reply query(String path, String body) {
    return post(queries(path), body.getBytes(StandardCharsets.UTF_8));
  }

  public Reply admin(String verb, String body) {
    return post(management("/admin/" + verb), body.getBytes(StandardCharsets.UTF_8));
  }

  public Reply get(URI uri) {
    return send(HttpRequest.newBuilder(uri).GET());
  }

  public Reply post(URI uri, byte[] body) {
    return send(HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  public Reply send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response = client.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8), response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public URI queries(String pathAndQuery) {
    return URI.create("http://127.0.0.1:%d%s".formatted(gateway.queryAddress().getPort(), pathAndQuery));
  }

  public URI management(String pathAndQuery) {
    return URI.create("http://127.0.0.1:%d%s".formatted(gateway.adminAddress().getPort(), pathAndQuery));
  }

  /** An application of that type, with the default output "DEFAULT" and 50 ms. */
  public void application(String name, String inputType) {
    expectOk(
        admin(
            "add_app",
            "{\"name\":\"%s\",\"input_type\":\"%s\",\"default_output\":\"DEFAULT\",\"latency_slo_micros\":50000}".formatted(name, inputType)));
  }

  /** The same where a request may be refused for the time that its body takes. */
  public void applicationWithoutHttp(String name, Signature signature) {
    Application application = new Application(name, signature, Duration.ofMillis(50), "DEFAULT", LearningSettings.DEFAULT, List.of());
    clipper.change(new CatalogChange.AddApplication(application)).toCompletableFuture().join();
  }

  /** A version, as the original's clients register one. */
  public Reply model(String name, String version, String inputType) {
    return admin(
        "add_model",
        "{\"model_name\":\"%s\",\"model_version\":\"%s\",\"labels\":[],\"input_type\":\"%s\",\"container_name\":\"c\",\"model_data_path\":\"p\",\"batch_size\":-1}"
            .formatted(name, version, inputType));
  }

  /** That model's only version is one that nodes start, instead of workers that announce themselves. */
  public void startedByNodes(String name) {
    ModelVersion announced = clipper.model(name).flatMap(Model::currentVersion).orElseThrow();
    ModelVersion started = ModelVersion.of(announced.id(), announced.signature(), new RuntimeSpec.Onnx(), Optional.empty());
    clipper.change(new CatalogChange.DeleteModelVersion(name, announced.id().version())).toCompletableFuture().join();
    clipper.change(new CatalogChange.AddModelVersion(started, Optional.empty())).toCompletableFuture().join();
  }

  public Reply link(String application, String model) {
    return admin("add_model_links", "{\"app_name\":\"%s\",\"model_names\":[\"%s\"]}".formatted(application, model));
  }

  public static void expectOk(Reply reply) {
    if (reply.status() != 200) {
      throw new AssertionError(reply.status() + " " + reply.body());
    }
  }

  @Override
  public void close() {
    gateway.stop(Duration.ofSeconds(1)).toCompletableFuture().join();
    client.shutdownNow();
  }
}
