package io.clipper.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.node.ClipperNode;
import io.clipper.node.TestNodes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol's own clients, unchanged, against a node with the bundled application. */
@Tag("peers")
class ClientsTest {
  private static final Path TESTS = Path.of("src", "test").toAbsolutePath();
  private static final Path PYTHON = TESTS.resolve("python");
  private static final Path PROTOCOL = Path.of("..", "model-worker", "src", "main", "proto", "open_inference.proto").toAbsolutePath().normalize();
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String APPLICATION = "digits";
  private static final String MODEL = "random-forest@model";

  @TempDir private static Path data;
  private static ClipperNode node;

  @BeforeAll
  static void start() {
    node = TestNodes.start(data);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tritonclient", "kserve"})
  void thePythonClientsChecksPass(String client) {
    Path folder = PYTHON.resolve(client);
    Program python = PythonEnvironment.of(folder.resolve("requirements.txt")).program("python");
    assertThat(python.with("-B", folder.resolve("client.py").toString(), http(), grpc()).demand(data, PATIENCE)).contains("all passed");
  }

  @Test
  void theChecksOfGrpcJsPass() throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "grpc-js").toAbsolutePath());
    for (String file : List.of("package.json", "package-lock.json", "client.js")) {
      Files.write(folder.resolve(file), Files.readAllBytes(TESTS.resolve("js").resolve(file)));
    }
    Program.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").demand(folder, PATIENCE);
    assertThat(Program.of("node", "client.js", PROTOCOL.toString(), grpc()).demand(folder, PATIENCE)).contains("all passed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-i http", "-i http --input-tensor-format json --output-tensor-format json", "-i grpc", "-i grpc --async --streaming"})
  void perfAnalyzerMeasures(String how) throws IOException {
    PythonEnvironment environment = PythonEnvironment.of(PYTHON.resolve("perf-analyzer").resolve("requirements.txt"));
    Program analyzer = environment.program("perf_analyzer").in("LD_LIBRARY_PATH", libraries(environment).toString());
    String port = how.contains("grpc") ? grpc() : http();
    for (String model : List.of(MODEL, APPLICATION)) {
      String said =
          analyzer
              .with(how.split(" ", -1))
              .with("-m", model, "-u", "127.0.0.1:" + port, "-b", "4", "--concurrency-range", "2")
              // So many, however steady they are.
              .with("--request-count", "200")
              .demand(data, PATIENCE);
      assertThat(said).contains("Throughput: ").contains("Concurrency: 2, throughput: ").doesNotContain("Failed");
    }
  }

  private static Path libraries(PythonEnvironment environment) throws IOException {
    try (Stream<Path> files = Files.find(environment.folder(), 9, (path, attributes) -> path.getFileName().toString().startsWith("libcudart.so"))) {
      return files.findFirst().orElseThrow().resolveSibling("");
    }
  }

  private static String http() {
    return port(node.queryAddress());
  }

  private static String grpc() {
    return port(node.grpcAddress());
  }

  private static String port(InetSocketAddress address) {
    return Integer.toString(address.getPort());
  }
}
