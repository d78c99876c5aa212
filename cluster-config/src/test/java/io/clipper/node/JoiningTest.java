package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Output;
import io.clipper.model.runtime.process.WorkerMain;
import io.clipper.node.client.NodeClient;
import io.clipper.node.client.NodeRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that a node did not start, and that come to it. */
class JoiningTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private static Path data = Path.of("");
  private static ClipperNode node;
  private static NodeClient client;

  @BeforeAll
  static void start() {
    node = ClipperNode.start(TestNodes.options(data, 0, 0, false));
    client = TestNodes.client(node);
  }

  @AfterAll
  static void stop() {
    client.close();
    node.close();
  }

  @Test
  void aWorkerIsAReplicaUntilItLeavesOrStopsAnswering() throws Exception {
    Process first = worker("guest");
    try {
      await(replicas -> replicas.size() == 1 && isReady(replicas));
      Application guests =
          new Application("guests", InputType.DOUBLES.signature(), Duration.ofSeconds(60), "none", LearningSettings.DEFAULT, List.of("guest"));
      node.serving().applications().change(new CatalogChange.AddApplication(guests)).toCompletableFuture().get(60, SECONDS);
      assertThat(predict("guests", 3)).isEqualTo(Output.of(3.0));

      Process second = worker("guest");
      try {
        await(replicas -> replicas.size() == 2 && isReady(replicas));
        second.destroyForcibly().onExit().get(60, SECONDS);
        await(replicas -> replicas.size() == 1 && isReady(replicas));
        assertThat(predict("guests", 4)).isEqualTo(Output.of(4.0));
      } finally {
        second.destroyForcibly();
      }

      first.destroy(); // a signal that it hears of
      await(JsonNode::isEmpty);
      assertThat(first.onExit().get(60, SECONDS).isAlive()).isFalse();
    } finally {
      first.destroyForcibly();
    }
  }

  @Test
  void aVersionThatIsNotThereIsNotBroughtBack() {
    assertThatThrownBy(() -> client.admin("announce", announcement("nobody").put("renew", true)))
        .isInstanceOf(NodeRefused.class)
        .hasMessageContaining("there is no model nobody:1 any more");
  }

  private static ObjectNode announcement(String model) {
    return NodeClient.request().put("model_name", model).put("model_version", "1").put("url", "grpc://127.0.0.1:9");
  }

  private static Process worker(String model) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
            WorkerMain.class.getName(), "--listen", "127.0.0.1:0", "--name", model, "--runtime", FaultyModel.KIND,
            "--join", "http://127.0.0.1:" + node.adminAddress().getPort());
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(data.resolve(model + ".log").toFile()).start();
  }

  private static Output predict(String application, double number) {
    return node.serving().applications().predict(Query.of(application, Input.doubles(number))).toCompletableFuture().join().output();
  }

  private static void await(Predicate<JsonNode> wanted) {
    Awaitility.await().atMost(PATIENCE).until(() -> client.admin("get_replicas", NodeClient.request()), wanted);
  }

  private static boolean isReady(JsonNode replicas) {
    for (JsonNode replica : replicas) {
      if (!replica.path("state").asText().equals("ready")) {
        return false;
      }
    }
    return true;
  }
}
