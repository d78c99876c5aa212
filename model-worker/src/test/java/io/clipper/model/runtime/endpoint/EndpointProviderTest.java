package io.clipper.model.runtime.endpoint;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EndpointProviderTest {
  private static final ModelId ID = new ModelId("half", "1");

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final HttpServer server = create();
  private volatile String answer = "{\"predictions\":[]}";

  @BeforeEach
  void start() {
    server.createContext("/v1/models/half", exchange -> reply(exchange, "{\"name\":\"half\",\"ready\":true}"));
    server.createContext(
        "/v1/models/half:predict",
        exchange -> {
          asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          reply(exchange, answer);
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void rowsGoAsInstancesAndPredictionsComeBackInOrder() throws Exception {
    answer = "{\"predictions\":[1.5,[2,3]]}";
    try (ModelRuntime runtime = load(url(), "doubles")) {
      List<Output> outputs = runtime.predict(List.of(Input.doubles(3), Input.doubles(4, 6))).toCompletableFuture().get(10, SECONDS);

      assertThat(asked.poll(5, SECONDS)).isEqualTo("{\"instances\":[[3.0],[4.0,6.0]]}");
      assertThat(outputs).containsExactly(Output.of(1.5), Output.of(Tensor.ofDoubles(2, 3)));
    }
  }

  @Test
  void textsAndNamedOutputsAreUnderstood() throws Exception {
    answer = "{\"predictions\":[{\"label\":\"spam\",\"score\":[0.9]}]}";
    try (ModelRuntime runtime = load(url(), "strings")) {
      List<Output> outputs = runtime.predict(List.of(Input.of(Tensor.ofStrings("buy")))).toCompletableFuture().get(10, SECONDS);

      assertThat(asked.poll(5, SECONDS)).isEqualTo("{\"instances\":[[\"buy\"]]}");
      assertThat(outputs.getFirst().tensors())
          .containsExactly(new NamedTensor("label", Tensor.ofStrings("spam").reshaped()), new NamedTensor("score", Tensor.ofDoubles(0.9).reshaped()));
    }
  }

  @Test
  void anAnswerOfAnotherLengthFailsTheBatch() throws Exception {
    answer = "{\"predictions\":[1]}";
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(1), Input.doubles(2))).toCompletableFuture().get(10, SECONDS))
          .hasMessageContaining("has not 2 predictions");
    }
  }

  @Test
  void aServerThatIsGoneLosesTheCopy() throws Exception {
    try (ModelRuntime runtime = load(url(), "doubles")) {
      server.stop(0);

      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(1))).toCompletableFuture().get(10, SECONDS))
          .hasCauseInstanceOf(CopyLostException.class);
    }
  }

  @Test
  void whatIsNotThereIsRefusedWhenItIsDeployed() {
    assertThatThrownBy(() -> load(url().replace("half", "other"), "doubles")).isInstanceOf(ModelLoadException.class).hasMessageContaining("404");
    assertThatThrownBy(() -> Runtimes.found(new ThreadBudget(1)).load(ID, new RuntimeSpec.Endpoint(url(), "", "", Optional.empty(), false), Optional.empty()))
        .hasMessageContaining("--input-type");
  }

  private ModelRuntime load(String url, String inputType) throws ModelLoadException {
    return Runtimes.found(new ThreadBudget(1)).load(ID, new RuntimeSpec.Endpoint(url, "", "", Optional.of(inputType), false), Optional.empty());
  }

  private String url() {
    return "http://127.0.0.1:%d/v1/models/half".formatted(server.getAddress().getPort());
  }

  private static HttpServer create() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static void reply(HttpExchange exchange, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    boolean known = exchange.getRequestURI().getPath().matches("/v1/models/half(:predict)?");
    exchange.sendResponseHeaders(known ? 200 : 404, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
