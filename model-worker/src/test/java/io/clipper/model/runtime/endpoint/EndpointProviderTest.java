package io.clipper.model.runtime.endpoint;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.oip.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointProviderTest {
  private static final ModelId ID = new ModelId("half", "1");

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final HttpServer server = create();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile String answer = "{\"predictions\":[]}";
  private volatile String state = "{\"name\":\"half\",\"ready\":true}";
  private volatile CountDownLatch heard = new CountDownLatch(0);
  private volatile Answering predicting = exchange -> reply(exchange, answer);
  private volatile Answering saying = exchange -> reply(exchange, state);

  /** What the server does once it has read a request. */
  private interface Answering {
    void answer(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() {
    server.createContext(
        "/v1/models/half",
        exchange -> {
          saying.answer(exchange);
          heard.countDown();
        });
    server.createContext(
        "/v1/models/half:predict",
        exchange -> {
          asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          predicting.answer(exchange);
        });
    server.setExecutor(threads); // a held answer holds up no other
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
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

  @ParameterizedTest
  @MethodSource("tensorsAndTheirJson")
  void everyDatatypeGoesAsWhatItIs(Tensor tensor, String json) throws Exception {
    answer = "{\"predictions\":[0]}";
    try (ModelRuntime runtime = load(url(), "doubles")) {
      runtime.predict(List.of(Input.of(tensor))).toCompletableFuture().get(10, SECONDS);

      assertThat(asked.poll(5, SECONDS)).isEqualTo("{\"instances\":[%s]}".formatted(json));
    }
  }

  static Stream<Arguments> tensorsAndTheirJson() {
    return Stream.of(
        arguments(Tensor.ofInts(-3, 4), "[-3,4]"),
        arguments(Tensor.ofLongs((1L << 53) + 1, Long.MIN_VALUE).reshaped(2, 1), "[[9007199254740993],[-9223372036854775808]]"),
        arguments(Tensor.wrap(Datatype.UINT64, new long[] {1}, Tensor.ofLongs(-1).array()), "[18446744073709551615]"),
        arguments(Tensor.ofUnsignedBytes(new byte[] {1, -1}), "[1,255]"),
        arguments(Tensor.wrap(Datatype.INT8, new long[0], new byte[] {-1}), "-1"),
        arguments(Tensor.wrap(Datatype.BOOL, new long[] {2}, new byte[] {0, 1}), "[false,true]"),
        arguments(Tensor.ofFloats(0.1f, 3), "[0.1,3.0]"),
        arguments(Tensor.wrap(Datatype.BF16, new long[] {1}, new byte[] {(byte) 0x80, 0x3f}), "[1.0]"),
        arguments(Tensor.ofDoubles(0.1, 3), "[0.1,3.0]"),
        arguments(Tensor.ofStrings("a \"é\"", ""), "[\"a \\\"é\\\"\",\"\"]"),
        arguments(Tensor.wrap(Datatype.BYTES, new long[] {1}, new byte[] {2, 0, 0, 0, -1, -40}), "[{\"b64\":\"/9g=\"}]"));
  }

  @Test
  void tensorsOfARowGoByTheirNames() throws Exception {
    answer = "{\"predictions\":[0]}";
    Input row = new Input(List.of(new NamedTensor("ids", Tensor.ofLongs(7)), new NamedTensor("text", Tensor.ofStrings("a").reshaped())));
    try (ModelRuntime runtime = load(url(), "doubles")) {
      runtime.predict(List.of(row)).toCompletableFuture().get(10, SECONDS);

      assertThat(asked.poll(5, SECONDS)).isEqualTo("{\"instances\":[{\"ids\":[7],\"text\":\"a\"}]}");
    }
  }

  @Test
  void whatJsonHasNoWordForIsNotSent() throws Exception {
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(Double.NaN))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be written as JSON");
    }
  }

  @Test
  void bytesComeBackAsTheyWereSaid() throws Exception {
    answer = "{\"predictions\":[{\"b64\":\"/9g=\"},[\"a\",{\"b64\":\"/9g=\"}]]}";
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThat(runtime.predict(List.of(Input.doubles(1), Input.doubles(2))).toCompletableFuture().get(10, SECONDS))
          .containsExactly(
              Output.of(Tensor.wrap(Datatype.BYTES, new long[0], new byte[] {2, 0, 0, 0, -1, -40})),
              Output.of(Tensor.wrap(Datatype.BYTES, new long[] {2}, new byte[] {1, 0, 0, 0, 'a', 2, 0, 0, 0, -1, -40})));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[\"a\",1]|texts and others in one list",
        "[null]|NULL_VALUE where a number should be",
        "{\"b64\":\"?\"}|a b64 that is none"
      })
  void anAnswerOfNoOneKindFailsTheBatch(String prediction, String words) throws Exception {
    answer = "{\"predictions\":[%s]}".formatted(prediction);
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(1))).toCompletableFuture().get(10, SECONDS)).hasMessageContaining(words);
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
  void aConnectionThatBreaksUnderABatchLosesTheCopy() throws Exception {
    predicting = HttpExchange::close; // without a word
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(1))).toCompletableFuture().get(10, SECONDS))
          .hasCauseInstanceOf(CopyLostException.class)
          .hasMessageContaining("the connection to " + url() + " is gone");
    }
  }

  @Test
  void anAnswerThatTakesTooLongIsTheBatchsFailureAndNotTheCopys() throws Exception {
    predicting = exchange -> awaitTheEnd();
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(1)), Duration.ofMillis(100)).toCompletableFuture().get(10, SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("timed out");
      assertThat(runtime.lost().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  void anAnswerThatBeginsAndDoesNotEndIsTheBatchsFailureAndIsGivenUp() throws Exception {
    CountDownLatch givenUp = new CountDownLatch(1);
    predicting = exchange -> drip(exchange, givenUp);
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(1)), Duration.ofMillis(100)).toCompletableFuture().get(10, SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("timed out");
      assertThat(givenUp.await(10, SECONDS)).isTrue();
      assertThat(runtime.lost().toCompletableFuture()).isNotDone();
    }
  }

  @Test
  @Timeout(30)
  void aServerThatBeginsToSayThatItIsReadyIsNot() throws Exception {
    try (ModelRuntime runtime = watched(Duration.ofMillis(100))) {
      saying = exchange -> drip(exchange, new CountDownLatch(1));

      assertThat(runtime.lost().toCompletableFuture().get(20, SECONDS)).hasMessageContaining("3 checks");
      assertThatThrownBy(() -> RowsOverHttp.connect(URI.create(url()), Signature.named("doubles"), Duration.ofMillis(100)))
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("is not to be reached");
    }
  }

  @Test
  void anAnswerLargerThanAMessageMayBeIsTheBatchsFailure() throws Exception {
    answer = "{\"predictions\":[\"%s\"]}".formatted("x".repeat(Transport.MAX_MESSAGE_BYTES));
    try (ModelRuntime runtime = load(url(), "doubles")) {
      assertThatThrownBy(() -> runtime.predict(List.of(Input.doubles(1))).toCompletableFuture().get(20, SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("larger than 64 MiB");
      assertThat(runtime.lost().toCompletableFuture()).isNotDone();

      answer = "{\"predictions\":[1]}";
      assertThat(runtime.predict(List.of(Input.doubles(1))).toCompletableFuture().get(10, SECONDS)).containsExactly(Output.of(1.0));
    }
  }

  @Test
  void aServerThatSaysThatItsModelIsReadyNoMoreLosesTheCopy() throws Exception {
    try (ModelRuntime runtime = watched()) {
      state = "{\"name\":\"half\",\"ready\":false}";

      assertThat(runtime.lost().toCompletableFuture().get(10, SECONDS)).hasMessage(url() + " has not said that it is ready for 3 checks");
    }
  }

  @Test
  void aServerThatIsGoneLosesACopyThatNobodyAsks() throws Exception {
    try (ModelRuntime runtime = watched()) {
      server.stop(0);

      assertThat(runtime.lost().toCompletableFuture().get(10, SECONDS)).hasMessageContaining("3 checks");
    }
  }

  @Test
  void aBatchThatTakesLongIsNoReasonToLoseItsServer() throws Exception {
    CountDownLatch checks = new CountDownLatch(10);
    predicting = exchange -> awaitTheEnd();
    try (ModelRuntime runtime = watched()) {
      CompletionStage<List<Output>> held = runtime.predict(List.of(Input.doubles(1)));
      heard = checks;

      assertThat(checks.await(10, SECONDS)).isTrue();
      assertThat(held.toCompletableFuture()).isNotDone();
      assertThat(runtime.lost().toCompletableFuture()).isNotDone();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"half\",\"ready\":\"True\"}",
        "{\"model_version_status\":[{\"version\":\"2\",\"state\":\"LOADING\"},{\"version\":\"1\",\"state\":\"AVAILABLE\",\"status\":{\"error_code\":\"OK\"}}]}",
        "{}",
        "it works"
      })
  void aServerOfEitherFormatSaysThatItIsReady(String words) throws Exception {
    state = words;
    load(url(), "doubles").close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"half\",\"ready\":false}",
        "{\"name\":\"half\",\"ready\":\"False\"}",
        "{\"model_version_status\":[{\"version\":\"1\",\"state\":\"LOADING\"}]}",
        "{\"model_version_status\":[]}"
      })
  void aModelThatIsNotReadyIsRefusedInTheServersWords(String words) {
    state = words;
    assertThatThrownBy(() -> load(url(), "doubles")).isInstanceOf(ModelLoadException.class).hasMessage("%s is not ready: %s".formatted(url(), words));
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

  private ModelRuntime watched() throws ModelLoadException {
    return watched(Duration.ofSeconds(2));
  }

  private ModelRuntime watched(Duration timeout) throws ModelLoadException {
    RowsOverHttp runtime = RowsOverHttp.connect(URI.create(url()), Signature.named("doubles"), Duration.ofSeconds(10));
    return EndpointRuntime.watch(runtime, url(), Duration.ofMillis(10), timeout);
  }

  /** Headers, and then a byte now and then until nobody reads them any more. */
  private void drip(HttpExchange exchange, CountDownLatch unread) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try {
      while (!over.await(1, TimeUnit.MILLISECONDS)) {
        exchange.getResponseBody().write(' ');
        exchange.getResponseBody().flush();
      }
    } catch (IOException closed) {
      unread.countDown();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitTheEnd() {
    try {
      over.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
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
