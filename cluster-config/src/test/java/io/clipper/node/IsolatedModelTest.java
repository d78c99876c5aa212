package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.model.Input;
import io.clipper.model.Tensor;
import io.clipper.node.client.NodeClient;
import io.clipper.replica.ReplicaStatus;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two copies of a model in processes of their own, and what happens to processes. */
class IsolatedModelTest {
  /** From a fault to both copies: three health checks of 2 s, the back-off, and the start of a JVM on a slow machine. */
  private static final Duration RECOVERY = Duration.ofMinutes(2);
  private static final int AT_ONCE = 16;

  @TempDir private static Path data;
  private static ClipperNode node;
  private static float asked;

  @BeforeAll
  static void deploy() throws Exception {
    node = ClipperNode.start(TestNodes.options(data, 0, 0, false));
    try (NodeClient client = TestNodes.client(node);
        InputStream onnx = Objects.requireNonNull(Quickstart.class.getResourceAsStream("/digits/models/logistic-regression/1/model.onnx"))) {
      Map<String, String> asked = Map.of("name", "apart", "isolated", "true", "replicas", "2", "app", "apart", "default_output", "-1");
      assertThat(client.deploy(onnx.readAllBytes(), asked).path("state").asText()).isEqualTo("ready");
    }
    settle(0, System.nanoTime());
  }

  @AfterAll
  static void stop() throws Exception {
    List<ProcessHandle> running = TestNodes.workers(data);
    node.close();
    assertThat(running).hasSize(2).noneMatch(ProcessHandle::isAlive);
    assertThat(TestNodes.workers(data)).isEmpty();
  }

  @Test
  void aWorkerThatIsKilledOrHangsLosesNoQueryAndComesBack() throws Exception {
    try (SteadyQueries queries = SteadyQueries.ask(node, "apart", IsolatedModelTest::steadyInput)) {
      queries.awaitAnswersWithin(RECOVERY, System.nanoTime());

      long killedAt = System.nanoTime();
      TestNodes.workers(data).getFirst().destroyForcibly();
      answerAll();
      settle(1, killedAt);
      assertTold(1, "the worker ended with status 137");

      long stoppedAt = System.nanoTime();
      TestNodes.signal("STOP", TestNodes.workers(data).getFirst());
      answerAll();
      settle(2, stoppedAt);
      queries.awaitAnswersWithin(RECOVERY, stoppedAt);
      assertTold(2, "the worker left 3 health checks");

      SteadyQueries.Tally tally = queries.end();
      assertThat(tally.lost()).isEmpty();
      // The other copy answers: the default is for what a stopped one held to the end.
      assertThat(tally.byDefault()).as("%s", tally).isLessThan(tally.byModel() / 10);
    }
  }

  private static void assertTold(int restarts, String lastError) {
    try (NodeClient client = TestNodes.client(node)) {
      JsonNode replicas = client.admin("get_replicas", NodeClient.request());
      assertThat(replicas.findValuesAsText("last_error")).anyMatch(error -> error.contains(lastError));
    }
    assertThat(TestNodes.metrics(node))
        .contains("clipper_replica_restarts_total{model_name=\"apart\",model_version=\"1\"} %d.0".formatted(restarts))
        .contains("clipper_replicas{model_name=\"apart\",model_version=\"1\",state=\"ready\"} 2.0");
  }

  /** Each by the model, none by the default. */
  private static void answerAll() throws Exception {
    for (int round = 0; round < 20; round++) {
      List<CompletableFuture<Prediction>> answers = Stream.generate(IsolatedModelTest::ask).limit(AT_ONCE).toList();
      for (CompletableFuture<Prediction> answer : answers) {
        Prediction prediction = answer.get(RECOVERY.toSeconds(), SECONDS);
        assertThat(prediction.isDefault()).as("%s", prediction).isFalse();
      }
    }
  }

  /** Waits until both copies are ready again, after that many restarts in all. */
  private static void settle(int restarts, long faultAtNanos) {
    Duration left = RECOVERY.minusNanos(System.nanoTime() - faultAtNanos);
    assertThat(left).isPositive();
    Awaitility.await()
        .atMost(left)
        .until(
            () -> TestNodes.copies(node, "apart"),
            copies ->
                copies.size() == 2
                    && copies.stream().allMatch(copy -> copy.state() == ReplicaStatus.State.READY)
                    && copies.stream().mapToInt(ReplicaStatus::restarts).sum() == restarts);
  }

  /** No input twice: the cache would know its answer. */
  private static CompletableFuture<Prediction> ask() {
    Query query = new Query("apart", pixels(0, asked++), Optional.empty(), Optional.of(RECOVERY), Optional.empty());
    return node.serving().applications().predict(query).toCompletableFuture();
  }

  private static Input steadyInput(long number) {
    return pixels(1, (float) (number + 1));
  }

  private static Input pixels(int place, float value) {
    float[] pixels = new float[64];
    pixels[place] = value;
    return Input.of(Tensor.ofFloats(pixels));
  }
}
