package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clipper.node.client.NodeAddress;
import io.clipper.node.client.NodeClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's JVM is killed, or told to end, and what becomes of the processes that it started. */
class NoOrphansTest {
  private static final Pattern READY = Pattern.compile("ready in .*queries (\\S+), .*management (\\S+?),.*");

  @TempDir private Path data = Path.of("");

  @Test
  void workersEndWithTheirNodeAndTheNextNodeEndsOneThatCouldNotAndLeavesNothing(@TempDir Path temporary) throws Exception {
    Process first = up(data);
    List<ProcessHandle> workers;
    try {
      deploy(first);
      workers = TestNodes.workers(data);
      assertThat(workers).hasSize(2).allMatch(ProcessHandle::isAlive);
      TestNodes.signal("STOP", workers.getFirst());
    } finally {
      first.destroyForcibly().onExit().get(10, SECONDS);
    }

    assertThat(workers.getLast().onExit().get(20, SECONDS).isAlive()).isFalse();
    assertThat(workers.getFirst().isAlive()).as("a stopped process cannot notice").isTrue();

    Process next = up(temporary);
    try {
      address(next);
      assertThat(workers.getFirst().onExit().get(20, SECONDS).isAlive()).isFalse();
      await().atMost(20, SECONDS).until(() -> TestNodes.workers(data).size() == 2);
      workers = TestNodes.workers(data);
      assertThat(sockets(temporary)).hasSize(1);

      next.destroy();
      assertThat(next.onExit().get(20, SECONDS).isAlive()).isFalse();
      assertThat(workers).noneMatch(ProcessHandle::isAlive);
      assertThat(sockets(temporary)).isEmpty();
    } finally {
      next.destroyForcibly().onExit().get(10, SECONDS);
    }
  }

  private static List<Path> sockets(Path temporary) throws IOException {
    try (Stream<Path> all = Files.list(temporary)) {
      return all.filter(path -> path.getFileName().toString().startsWith("clipper-")).toList();
    }
  }

  /** As {@code ./clipper up} starts it. */
  private Process up(Path temporary) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary, "-cp",
            System.getProperty("java.class.path"), Main.class.getName(), "up", "--no-quickstart", "--data", data.toString(),
            "--http-port", "0", "--admin-port", "0", "--grpc-port", "0", "--cluster-port", "0");
    return new ProcessBuilder(command).redirectError(data.resolve("node.log").toFile()).start();
  }

  private NodeAddress address(Process node) throws IOException {
    BufferedReader out = node.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.matches()) {
        return new NodeAddress(URI.create(ready.group(2)), URI.create(ready.group(1)), Optional.empty());
      }
    }
    throw new IOException("the node did not start:\n" + Files.readString(data.resolve("node.log")));
  }

  private void deploy(Process node) throws IOException {
    try (NodeClient client = new NodeClient(address(node));
        InputStream onnx = Objects.requireNonNull(Quickstart.class.getResourceAsStream("/digits/models/logistic-regression/1/model.onnx"))) {
      Map<String, String> asked = Map.of("name", "apart", "isolated", "true", "replicas", "2");
      assertThat(client.deploy(onnx.readAllBytes(), asked).path("state").asText()).isEqualTo("ready");
      int ready = 0;
      while (ready < 2) { // one copy is enough for a deployment to end
        ready = 0;
        for (var copy : client.admin("get_replicas", NodeClient.request())) {
          ready += copy.path("state").asText().equals("ready") ? 1 : 0;
        }
      }
    }
  }
}
