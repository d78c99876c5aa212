package io.clipper.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.gateway.TestGateway.Reply;
import io.clipper.gateway.oip.OipSettings;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.pekko.Done;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every path of both ports has in common. */
class HttpServerTest {
  private static final int LIMIT = 100_000;
  private static final OipSettings OIP = new OipSettings("127.0.0.1", 0, Duration.ofSeconds(10));

  private final TestGateway gateway =
      new TestGateway(
          settings ->
              new GatewaySettings(
                  settings.queryHost(), 0, settings.adminHost(), 0, LIMIT, LIMIT, Duration.ofSeconds(10), Optional.empty(), false, OIP));

  @AfterEach
  void close() {
    gateway.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nope", "/a/b/c", "//predict", "/a/predict/x", "/predict", "/metrics/x", "/admin/nope", "/%2F/predict2"})
  void anUnknownPathIsNotFound(String path) {
    for (Reply reply : new Reply[] {gateway.query(path, "{}"), gateway.get(gateway.management(path)), gateway.get(gateway.queries(path))}) {
      assertThat(reply.status()).isEqualTo(404);
      assertThat(reply.json().get("error").asText()).isEqualTo("Not found");
      assertThat(reply.header("Content-Type")).isEqualTo("application/json");
    }
  }

  @Test
  void aWrongMethodIsToldTheRightOne() {
    Reply reply = gateway.get(gateway.queries("/a/predict"));
    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.header("Allow")).isEqualTo("POST");
    assertThat(gateway.query("/metrics", "").header("Allow")).isEqualTo("GET");
    assertThat(gateway.get(gateway.management("/admin/add_app")).header("Allow")).isEqualTo("POST");
    assertThat(gateway.admin("ping", "").header("Allow")).isEqualTo("GET");
  }

  @Test
  void aBodyOverTheLimitIsAnsweredHoweverItIsSent() {
    gateway.application("s", "strings");
    byte[] fits = body(LIMIT);
    byte[] over = body(LIMIT + 1);
    byte[] far = body(40 * LIMIT);
    assertThat(gateway.post(gateway.queries("/s/predict"), fits).status()).isEqualTo(200);
    for (byte[] body : new byte[][] {over, far}) {
      Reply whole = gateway.post(gateway.queries("/s/predict"), body);
      assertThat(whole.status()).isEqualTo(413);
      assertThat(whole.json().get("cause").asText()).isEqualTo("the body is larger than 100000 bytes");
      assertThat(chunked(body, false).status()).isEqualTo(413);
      assertThat(chunked(body, true).status()).isEqualTo(413);
      HttpRequest.Builder expecting =
          HttpRequest.newBuilder(gateway.queries("/s/predict")).expectContinue(true).POST(HttpRequest.BodyPublishers.ofByteArray(body));
      assertThat(gateway.send(expecting).status()).isEqualTo(413);
      assertThat(gateway.admin("deploy?name=n", new String(body, StandardCharsets.UTF_8)).status()).isEqualTo(413);
      Reply deployed =
          gateway.send(
              HttpRequest.newBuilder(gateway.management("/admin/deploy?name=n"))
                  .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
      assertThat(deployed.status()).isEqualTo(413);
      assertThat(deployed.json().get("cause").asText()).isEqualTo("the body is larger than 100000 bytes");
    }
    assertThat(chunked(fits, true).status()).isEqualTo(200);
    assertThat(gateway.query("/nope/predict", new String(far, StandardCharsets.UTF_8)).status()).isEqualTo(404);
  }

  private Reply chunked(byte[] body, boolean expectContinue) {
    return gateway.send(
        HttpRequest.newBuilder(gateway.queries("/s/predict"))
            .expectContinue(expectContinue)
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
  }

  private static byte[] body(int size) {
    byte[] body = new byte[size];
    Arrays.fill(body, (byte) 'x');
    byte[] start = "{\"input\":\"".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(start, 0, body, 0, start.length);
    body[size - 2] = '"';
    body[size - 1] = '}';
    return body;
  }

  @Test
  void whatIsNotEvenHttpIsAnsweredInJson() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.queryAddress().getPort())) {
      socket.getOutputStream().write("GET /a b c HTTP/9\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 ").contains("Content-Type: application/json").contains("{\"error\":").doesNotContain("Server:");
    }
  }

  @Test
  void aBodyThatDoesNotArriveIsATimeout() throws IOException {
    GatewaySettings impatient =
        new GatewaySettings("127.0.0.1", 0, "127.0.0.1", 0, LIMIT, LIMIT, Duration.ofMillis(50), Optional.empty(), false, OIP);
    try (TestGateway waiting = new TestGateway(ignored -> impatient);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), waiting.gateway.queryAddress().getPort())) {
      waiting.applicationWithoutHttp("s", Signature.named("strings"));
      String head = "POST /s/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"input\":";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 408 ").contains("{\"error\":\"Request timeout\"");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST /nope/predict,404", "POST /a/b/c,404", "PUT /s/predict,405", "POST /metrics,405", "POST /v2/nope,404", "POST /v2/models,405", "POST /v1/nope,404",
    "POST /v2/systemsharedmemory/unregister,200", "POST /openapi.json,405"
  })
  void aRefusalWaitsUntilTheQuerysBodyHasComeAndTheConnectionGoesOn(String line, int status) throws IOException {
    assertThat(saidWhileTheBodyComes(gateway.gateway.queryAddress().getPort(), line + " HTTP/1.1", "/v2/health/live"))
        .startsWith("HTTP/1.1 %d ".formatted(status))
        .contains("{\"live\":true}");
  }

  @ParameterizedTest
  @CsvSource({
    "POST /admin/nope,404", "PUT /admin/add_app,405", "POST /admin/ping,405", "POST /admin/deploy?nope=1,400", "POST /admin/deploy?name=n&endpoint=grpc://h:1,400"
  })
  void aRefusalWaitsUntilTheBodyOfManagementHasCome(String line, int status) throws IOException {
    assertThat(saidWhileTheBodyComes(gateway.gateway.adminAddress().getPort(), line + " HTTP/1.1", "/health/live"))
        .startsWith("HTTP/1.1 %d ".formatted(status))
        .contains("{\"live\":true}");
  }

  @Test
  void whoMayNotManageHearsItAfterItsBodyToo() throws IOException {
    int port = gateway.gateway.adminAddress().getPort();
    assertThat(saidWhileTheBodyComes(port, "POST /admin/deploy?name=n HTTP/1.1\r\nOrigin: http://evil.example", "/health/live"))
        .startsWith("HTTP/1.1 403 ")
        .contains("{\"live\":true}");
  }

  /** What a connection hears to a request whose body takes its time, and to one that follows it. */
  private String saidWhileTheBodyComes(int port, String head, String then) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write((head + "\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n0123456789").getBytes(StandardCharsets.US_ASCII));
      // What would be said at once has been said by the time that another connection is answered.
      assertThat(gateway.get(gateway.queries("/v2/health/live")).status()).isEqualTo(200);
      String rest = "0123456789GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".formatted(then);
      socket.getOutputStream().write(rest.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aBadEscapeInAPathIsABadRequest() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.queryAddress().getPort())) {
      String head = "POST /a%zz/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).startsWith("HTTP/1.1 400 ").contains("{\"error\":");
    }
  }

  private String said(String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.queryAddress().getPort())) {
      socket.getOutputStream().write((head + "\r\nHost: localhost\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What a client of the Open Inference Protocol reads. */
  @Test
  void whatIsNotEvenHttpIsToldInTheErrorItself() throws IOException {
    assertThat(said("GET /v2/models/a%zz HTTP/1.1"))
        .startsWith("HTTP/1.1 400 ")
        .contains("Content-Type: application/json\r\n")
        .contains("{\"error\":\"Bad Request: Illegal request-target: Invalid input 'z'");
    assertThat(said("GET /v2/" + "a".repeat(20_000) + " HTTP/1.1")).startsWith("HTTP/1.1 414 ").contains(" exceeds the configured limit of 16384 characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v2/models/a/infer", "/v1/models/a:predict", "/a/predict"})
  void aVerbThatNobodyKnowsIsAWrongOne(String path) throws IOException {
    assertThat(said("FOO %s HTTP/1.1".formatted(path)))
        .startsWith("HTTP/1.1 405 ")
        .contains("Allow: GET, POST\r\n")
        .contains("Content-Type: application/json\r\n")
        .contains("{\"error\":\"Method Not Allowed: FOO\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1\r\nConnection: close", "HTTP/1.0"})
  void aClientThatAsksOnlyOnceIsAnswered(String version) throws IOException {
    gateway.application("a", "ints");
    TestGateway.expectOk(gateway.model("m", "1", "ints"));
    TestGateway.expectOk(gateway.link("a", "m"));
    HeldFunction held = new HeldFunction();
    gateway.clipper.serve("m:1", held);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.queryAddress().getPort())) {
      String request = "POST /a/predict %s\r\nHost: localhost\r\nContent-Length: 13\r\n\r\n{\"input\":[1]}".formatted(version);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      held.awaitAsked();
      // The server has ended its reading of that connection by the time it has answered on another.
      assertThat(gateway.get(gateway.queries("/v2/health/live")).status()).isEqualTo(200);
      held.answer(Output.of(1L));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 200 ").contains("\"output\":1");
    }
  }

  @Test
  void aQueryThatWasAcceptedIsAnsweredWhileTheServerStops() {
    gateway.application("a", "ints");
    TestGateway.expectOk(gateway.model("m", "1", "ints"));
    TestGateway.expectOk(gateway.link("a", "m"));
    HeldFunction held = new HeldFunction();
    gateway.clipper.serve("m:1", held);
    CompletableFuture<Reply> reply = CompletableFuture.supplyAsync(() -> gateway.query("/a/predict", "{\"input\":[1]}"));
    held.awaitAsked();
    var stopped = gateway.gateway.stop(Duration.ofSeconds(10)).toCompletableFuture();
    held.answer(Output.of(1L));
    assertThat(reply.join().json().get("output").intValue()).isEqualTo(1);
    assertThat(stopped.join()).isNotNull();
    assertThatThrownBy(() -> gateway.query("/a/predict", "{}")).hasCauseInstanceOf(IOException.class);
  }

  /** Who keeps a connection and goes on asking would have something under way whenever the server ends. */
  @Test
  void whileTheServerStopsEachAnswerIsItsConnectionsLast() throws Exception {
    gateway.application("a", "ints");
    TestGateway.expectOk(gateway.model("m", "1", "ints"));
    TestGateway.expectOk(gateway.link("a", "m"));
    HeldFunction held = new HeldFunction();
    gateway.clipper.serve("m:1", held);
    int port = gateway.gateway.queryAddress().getPort();
    try (Socket waiting = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket kept = new Socket(InetAddress.getLoopbackAddress(), port)) {
      kept.getOutputStream().write("GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(kept.getInputStream().readNBytes(15), StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 200 OK");
      String request = "POST /a/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 13\r\n\r\n{\"input\":[1]}";
      waiting.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      held.awaitAsked();

      CompletableFuture<Done> stopped = gateway.gateway.stop(Duration.ofSeconds(30)).toCompletableFuture();
      kept.getOutputStream().write("GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String last = new String(kept.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(last.substring(last.indexOf("HTTP/1.1"))).startsWith("HTTP/1.1 200 OK").contains("Connection: close");
      assertThat(stopped).as("one is still to be answered").isNotDone();
      held.answer(Output.of(1L));
      assertThat(new String(waiting.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 200 OK")
          .contains("Connection: close")
          .contains("\"output\":1");
      assertThat(stopped.join()).isNotNull();
    }
  }

  @Test
  void aPortInUseIsOneLineThatNamesTheOption() {
    GatewaySettings free = TestGateway.settings();
    int taken = gateway.gateway.queryAddress().getPort();
    GatewaySettings settings =
        new GatewaySettings("127.0.0.1", taken, "127.0.0.1", 0, LIMIT, LIMIT, free.bodyTimeout(), Optional.empty(), false, OIP);
    assertThatThrownBy(() -> new TestGateway(ignored -> settings))
        .hasRootCauseInstanceOf(io.clipper.Refused.class)
        .rootCause()
        .hasMessage("port %d of 127.0.0.1 is in use: choose another with --http-port".formatted(taken));
  }

  @Test
  void managementOffLoopbackNeedsAToken() {
    GatewaySettings open = new GatewaySettings("127.0.0.1", 0, "0.0.0.0", 0, LIMIT, LIMIT, Duration.ofSeconds(1), Optional.empty(), false, OIP);
    assertThatThrownBy(() -> new TestGateway(ignored -> open)).rootCause().hasMessageContaining("--token-file");
  }

  @Test
  void everySettingIsRead() {
    Config config = ConfigFactory.load();
    Set<String> keys =
        config.getConfig("clipper.gateway").withoutPath("pekko").withoutPath("admin.pekko").entrySet().stream().map(entry -> entry.getKey()).collect(Collectors.toSet());
    assertThat(keys)
        .containsExactlyInAnyOrder(
            "query.host", "query.port", "admin.host", "admin.port", "admin.token", "admin.insecure", "max-body", "max-artifact", "body-timeout",
            "grpc.host", "grpc.port", "model-timeout");
    assertThat(GatewaySettings.from(config))
        .isEqualTo(
            new GatewaySettings(
                "127.0.0.1", 1337, "127.0.0.1", 1338, 16L << 20, 2L << 30, Duration.ofMinutes(5), Optional.empty(), false,
                new OipSettings("127.0.0.1", 1339, Duration.ofSeconds(10))));
  }
}
