package io.clipper.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.node.ClipperNode;
import io.clipper.node.TestNodes;
import io.clipper.node.client.NodeClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The conformance kit against a node, against a node behind a proxy that makes faults, and against MLServer. */
@Tag("peers")
class ConformanceKitTest {
  private static final Path KIT = Path.of("..", "examples", "oip-conformance").toAbsolutePath().normalize();
  private static final Path FAULTY = Path.of("src", "test", "python", "oip-conformance", "faulty.py").toAbsolutePath();
  private static final Path GRAPHS = Path.of("..", "model-worker", "src", "test", "resources", "onnx");
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String APPLICATION = "digits";
  private static final String MODEL = "random-forest@model";
  /** For what digits cannot show: FP16, BF16, and an extent that may be 0. */
  private static final List<String> OTHERS = List.of("identity-fp16", "identity-bf16", "dynamic");

  @TempDir private static Path data;
  private static ClipperNode node;

  @BeforeAll
  static void start() throws Exception {
    node = TestNodes.start(data);
    try (NodeClient client = TestNodes.client(node)) {
      for (String name : OTHERS) {
        byte[] graph = Files.readAllBytes(GRAPHS.resolve(name + ".onnx"));
        assertThat(client.deploy(graph, Map.of("name", name)).path("state").asText()).isEqualTo("ready");
      }
    }
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /** Of an application with several models there is no version to ask for. */
  @ParameterizedTest
  @CsvSource({APPLICATION + ", '112 ok, 0 failed, 2 skipped'", MODEL + ", '114 ok, 0 failed, 0 skipped'"})
  void itFindsNothingInANode(String model, String found) {
    String said = kit("http://127.0.0.1:" + http(), "127.0.0.1:" + grpc(), model).with(others()).demand(KIT, PATIENCE);

    assertThat(said).contains(found);
  }

  @Test
  void itFindsEachFaultThatAProxyMakes() {
    Program proxy = python().with("-B", FAULTY.toString(), KIT.toString(), http(), grpc(), "--model", MODEL);

    assertThat(proxy.with(others()).demand(KIT, PATIENCE)).contains("ok     no fault: nothing", "all 36 faults found");
  }

  /** It leaves its models to look at what they get: what it refuses otherwise than the protocol says is found, what it serves is seen. */
  @Test
  void itReadsMlServerToo() throws IOException, InterruptedException {
    try (PeerServer server = PeerServer.mlServer(data)) {
      Program.Outcome found = kit("http://" + server.http(), server.grpc(), "doubled").run(KIT, PATIENCE);

      assertThat(found.said()).contains("ok    rest.infer.json-flat", "ok    grpc.infer.raw", "33 ok, 27 failed, 51 skipped");
      assertThat(found.status()).isEqualTo(1);
    }
  }

  private static Program kit(String url, String grpc, String model) {
    return python().with("-B", "-m", "oip_conformance", url, "--model", model, "--grpc", grpc);
  }

  private static Program python() {
    return PythonEnvironment.of(KIT.resolve("requirements.txt")).program("python");
  }

  private static String[] others() {
    return OTHERS.stream().map(name -> "--also=" + name).toArray(String[]::new);
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
