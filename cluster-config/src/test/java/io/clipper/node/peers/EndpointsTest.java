package io.clipper.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.clipper.node.ClipperNode;
import io.clipper.node.TestNodes;
import io.clipper.node.client.NodeClient;
import io.clipper.node.command.ClipperCommand;
import io.clipper.node.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers of others, unchanged, behind a node: their models are replicas like any. */
@Tag("peers")
class EndpointsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int ROWS = 200;

  private record Said(int exit, String out, String err) {}

  @TempDir private static Path data;
  private static ClipperNode node;
  private static NodeClient client;

  @BeforeAll
  static void start() {
    node = TestNodes.start(data);
    client = TestNodes.client(node);
  }

  @AfterAll
  static void stop() {
    client.close();
    node.close();
  }

  @ParameterizedTest
  @CsvSource({"mlserver,", "mlserver, --pass-through", "kserve,", "kserve, --pass-through"})
  void itsModelAnswersInBatchesEachRowItsOwn(String server, String how) throws Exception {
    try (PeerServer peer = PeerServer.of(server, data)) {
      String model = server + (how == null ? "" : "-through");

      deploy(model, "grpc://%s/doubled/1".formatted(peer.grpc()), how == null ? "" : how);

      assertThat(answers(model)).isEqualTo(doubled());
      undeploy(model);
    }
  }

  @Test
  void aServerOfRowsOverHttpAnswersAndIsUsedAgainAfterItWasAway() throws Exception {
    try (PeerServer peer = PeerServer.kServe(data)) {
      deploy("rows", "http://%s/v1/models/doubled".formatted(peer.http()), "--input-type doubles");
      assertThat(answers("rows")).isEqualTo(doubled());

      peer.end();
      awaitReplica("rows", false);
      peer.startAgain();
      awaitReplica("rows", true);

      assertThat(answers("rows")).isEqualTo(doubled());
      undeploy("rows");
    }
  }

  @Test
  void aServerThatDoesNotSayWhatItsModelTakesIsToldByWhoDeploys() throws Exception {
    try (PeerServer peer = PeerServer.kServe(data)) {
      String url = "grpc://%s/untyped".formatted(peer.grpc());
      assertThat(run("deploy untyped %s".formatted(url)).err()).contains("does not say what model 'untyped' takes: give --input-type");

      deploy("untyped", url, "--input-type floats");

      assertThat(answers("untyped")).isEqualTo(doubled());
      undeploy("untyped");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlserver", "kserve"})
  void aModelThatItDoesNotHaveIsRefusedInItsWords(String server) throws Exception {
    try (PeerServer peer = PeerServer.of(server, data)) {
      Said refused = run("deploy nobody grpc://%s/nobody".formatted(peer.grpc()));

      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.err()).contains("the server at " + peer.grpc()).containsIgnoringCase("model").contains("nobody");
      assertThat(run("status").out()).doesNotContain(peer.grpc() + "/nobody");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlserver", "kserve"})
  void aServerThatWasAwayIsUsedAgain(String server) throws Exception {
    try (PeerServer peer = PeerServer.of(server, data)) {
      String model = server + "-away";
      deploy(model, "grpc://%s/doubled".formatted(peer.grpc()), "");

      peer.end();
      awaitReplica(model, false);
      peer.startAgain();
      awaitReplica(model, true);

      assertThat(answers(model)).isEqualTo(doubled());
      undeploy(model);
    }
  }

  private static void deploy(String model, String url, String options) {
    Said deployed = run("deploy %s %s --app %s --slo 20s --default none %s".formatted(model, url, model, options).strip());
    assertThat(deployed.exit()).as("%s", deployed).isZero();
    assertThat(deployed.out()).contains("%s:1 is ready".formatted(model));
  }

  private static void undeploy(String model) {
    assertThat(run("app delete " + model).exit()).isZero();
    assertThat(run("undeploy " + model).exit()).isZero();
  }

  private static void awaitReplica(String model, boolean ready) {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    JsonNode replicas = replicas(model);
    while (replicas.path(0).path("state").asText().equals("ready") != ready) {
      assertThat(System.nanoTime()).as("%s", replicas).isLessThan(giveUpAt);
      replicas = replicas(model);
    }
  }

  private static JsonNode replicas(String model) {
    return client.admin("get_replicas", NodeClient.request().put("model_name", model));
  }

  /** Of {@value #ROWS} rows that are asked at once, in their order. */
  private static List<String> answers(String application) throws IOException, InterruptedException {
    String rows = IntStream.rangeClosed(1, ROWS).mapToObj(row -> "[%d,%d.5,-%d,0.25]".formatted(row, row, row)).collect(Collectors.joining(","));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("%s/%s/predict".formatted(url(node.queryAddress()), application)))
            .POST(HttpRequest.BodyPublishers.ofString("{\"input_batch\":[%s]}".formatted(rows)))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      JsonNode answer = new JsonMapper().readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
      assertThat(answer.path("batch_predictions").isArray()).as("%s", answer).isTrue();
      return answer.path("batch_predictions").valueStream().map(EndpointsTest::output).toList();
    }
  }

  /** Of a default, why it is one. */
  private static String output(JsonNode answer) {
    return answer.path("default").asBoolean() ? answer.path("default_explanation").toString() : answer.path("output").toString();
  }

  private static List<String> doubled() {
    return IntStream.rangeClosed(1, ROWS).mapToObj(row -> "[%d.0,%d.0,-%d.0,0.5]".formatted(2 * row, 2 * row + 1, 2 * row)).toList();
  }

  private static Said run(String words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(words.split(" ", -1)));
    all.addAll(List.of("--admin", url(node.adminAddress()), "--query", url(node.queryAddress())));
    int exit = ClipperCommand.line(new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false)).execute(all.toArray(String[]::new));
    return new Said(exit, out.toString(), err.toString());
  }

  private static String url(InetSocketAddress address) {
    return "http://127.0.0.1:" + address.getPort();
  }
}
