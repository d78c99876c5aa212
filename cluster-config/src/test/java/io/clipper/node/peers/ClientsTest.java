package io.clipper.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.node.ClipperNode;
import io.clipper.node.TestNodes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol's own clients, unchanged, against a node with the bundled application; and the conformance kit, also against MLServer. */
@Tag("peers")
class ClientsTest {
  private static final Path TESTS = Path.of("src", "test").toAbsolutePath();
  private static final Path PYTHON = TESTS.resolve("python");
  private static final Path KIT = Path.of("..", "examples", "oip-conformance").toAbsolutePath().normalize();
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

  @ParameterizedTest
  @ValueSource(strings = {APPLICATION, MODEL})
  void theConformanceKitFindsNothing(String model) {
    String said = kit("http://127.0.0.1:" + http(), "127.0.0.1:" + grpc(), model).demand(KIT, PATIENCE);
    assertThat(said).doesNotContain("FAIL").contains(" 0 failed");
  }

  /** It leaves its models to look at what they get: what it refuses otherwise than the protocol says is found, what it serves is seen. */
  @Test
  void theConformanceKitReadsMlServerToo() throws IOException, InterruptedException {
    Path folder = PYTHON.resolve("mlserver");
    PythonEnvironment environment = PythonEnvironment.of(folder.resolve("requirements.txt"));
    List<String> ports = freePorts(3);
    Program server =
        environment.program("mlserver").with("start", folder.toString())
            .in("MLSERVER_HTTP_PORT", ports.get(0)).in("MLSERVER_GRPC_PORT", ports.get(1)).in("MLSERVER_METRICS_PORT", ports.get(2));
    Path log = data.resolve("mlserver.txt");
    Process process = server.start(data, log);
    try {
      awaitReady(process, "http://127.0.0.1:%s/v2/models/doubled/ready".formatted(ports.get(0)), log);
      Program.Outcome found = kit("http://127.0.0.1:" + ports.get(0), "127.0.0.1:" + ports.get(1), "doubled").run(KIT, PATIENCE);
      assertThat(found.said()).contains("ok    rest.infer.json-flat", "ok    grpc.infer.raw", "27 ok, 20 failed, 9 skipped");
      assertThat(found.status()).isEqualTo(1);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Program kit(String url, String grpc, String model) {
    Program python = PythonEnvironment.of(KIT.resolve("requirements.txt")).program("python");
    return python.with("-B", "-m", "oip_conformance", url, "--model", model, "--grpc", grpc);
  }

  private static void awaitReady(Process process, String url, Path log) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 0; i < 600; i++) {
      if (!process.isAlive()) {
        throw new AssertionError("MLServer has ended:\n" + Files.readString(log));
      }
      try {
        if (client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException notYet) {
        assertThat(process.isAlive()).isTrue();
      }
      // It says nowhere else that it is ready.
      process.waitFor(100, TimeUnit.MILLISECONDS);
    }
    throw new AssertionError("MLServer is not ready:\n" + Files.readString(log));
  }

  private static List<String> freePorts(int count) throws IOException {
    ServerSocket[] sockets = new ServerSocket[count];
    try {
      for (int i = 0; i < count; i++) {
        sockets[i] = new ServerSocket(0);
      }
      return Stream.of(sockets).map(socket -> Integer.toString(socket.getLocalPort())).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
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
