package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.model.Input;
import io.clipper.model.Tensor;
import io.clipper.node.client.NodeClient;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two copies of a model in processes of their own, and what happens to processes. */
class IsolatedModelTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int AT_ONCE = 16;

  @TempDir private static Path data;
  private static ClipperNode node;
  private static float asked;

  @BeforeAll
  static void deploy() throws Exception {
    node = TestNodes.start(data);
    try (NodeClient client = TestNodes.client(node);
        InputStream onnx = Objects.requireNonNull(Quickstart.class.getResourceAsStream("/digits/models/logistic-regression/1/model.onnx"))) {
      Map<String, String> asked = Map.of("name", "apart", "isolated", "true", "replicas", "2", "app", "apart", "default_output", "-1");
      assertThat(client.deploy(onnx.readAllBytes(), asked).path("state").asText()).isEqualTo("ready");
    }
    settle(0);
  }

  @AfterAll
  static void stop() throws Exception {
    List<ProcessHandle> running = workers();
    node.close();
    assertThat(running).hasSize(2).noneMatch(ProcessHandle::isAlive);
    assertThat(workers()).isEmpty();
  }

  @Test
  void aWorkerThatIsKilledOrHangsLosesNoQueryAndComesBack() throws Exception {
    workers().getFirst().destroyForcibly();
    answerAll();
    settle(1);

    signal("STOP", workers().getFirst());
    answerAll();
    settle(2);
    answerAll();
  }

  /** Each by the model, none by the default. */
  private static void answerAll() throws Exception {
    for (int round = 0; round < 20; round++) {
      List<CompletableFuture<Prediction>> answers = Stream.generate(IsolatedModelTest::ask).limit(AT_ONCE).toList();
      for (CompletableFuture<Prediction> answer : answers) {
        Prediction prediction = answer.get(PATIENCE.toSeconds(), SECONDS);
        assertThat(prediction.isDefault()).as("%s", prediction).isFalse();
      }
    }
  }

  /** Asks on until both copies are ready again, after that many restarts in all. */
  private static void settle(int restarts) throws Exception {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    List<ReplicaStatus> copies = new ArrayList<>();
    Predicate<ReplicaStatus> ready = copy -> copy.state() == ReplicaStatus.State.READY;
    do {
      ask().get(PATIENCE.toSeconds(), SECONDS);
      copies = node.serving().replicas().statuses().toCompletableFuture().get(10, SECONDS).stream().filter(copy -> copy.model().name().equals("apart")).toList();
      assertThat(System.nanoTime()).as("%s", copies).isLessThan(giveUpAt);
    } while (copies.size() < 2 || !copies.stream().allMatch(ready) || copies.stream().mapToInt(ReplicaStatus::restarts).sum() < restarts);
  }

  /** No input twice: the cache would know its answer. */
  private static CompletableFuture<Prediction> ask() {
    float[] pixels = new float[64];
    pixels[0] = asked++;
    Query query = new Query("apart", Input.of(Tensor.ofFloats(pixels)), Optional.empty(), Optional.of(PATIENCE), Optional.empty());
    return node.serving().applications().predict(query).toCompletableFuture();
  }

  /** As the node itself lists them. */
  private static List<ProcessHandle> workers() throws IOException {
    return Files.readAllLines(data.resolve("workers")).stream()
        .flatMap(line -> ProcessHandle.of(Long.parseLong(line.substring(0, line.indexOf(' ')))).stream())
        .toList();
  }

  private static void signal(String name, ProcessHandle process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }
}
