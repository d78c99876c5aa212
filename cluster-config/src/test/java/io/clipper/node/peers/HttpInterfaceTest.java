package io.clipper.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.clipper.node.ClipperNode;
import io.clipper.node.TestNodes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code /openapi.json} against the rules of OpenAPI, and a node against {@code /openapi.json}: requests made from the document, right and
 * wrong, get no status, header, type or body that it does not have, and no fault of the server's.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HttpInterfaceTest {
  private static final Path FILES = Path.of("src", "test", "python", "schemathesis");
  private static final Duration ATTEMPTS = Duration.ofMinutes(10);
  private static final String CHECKS =
      "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance,"
          + "allow_header_conformance";
  /** Take the replicas away that the other requests ask. */
  private static final List<String> UNLOAD = List.of("/v2/repository/models/{model}/unload", "/v2/repository/{repository}/models/{model}/unload");

  /** As many operations were tried as there are. */
  private static final Pattern ALL_OF_THEM = Pattern.compile("Selected: ([1-9][0-9]*)/[0-9]+\\s+Tested: \\1\\s");

  @TempDir private static Path data;
  private static ClipperNode node;
  private static PythonEnvironment python;
  private static Path document;
  private static Path configuration;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    python = PythonEnvironment.of(FILES.resolve("requirements.txt"));
    node = TestNodes.start(data);
    HttpResponse<Path> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(url(node.queryAddress()) + "/openapi.json")).build(),
                HttpResponse.BodyHandlers.ofFile(data.resolve("openapi.json")));
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    document = response.body();
    configuration = Files.writeString(data.resolve("schemathesis.toml"), configuration());
  }

  /** No answer is 5xx, but for 501 of the operations that declare it. */
  private static String configuration() throws IOException {
    List<JsonNode> operations = new JsonMapper().readTree(document.toFile()).get("paths").findParents("operationId");
    String unsupported =
        operations.stream()
            .filter(operation -> operation.get("responses").has("501"))
            .map(operation -> operation.get("operationId").toString())
            .collect(Collectors.joining(", "));
    return """
        [[operations]]
        include-operation-id = [%s]
        [operations.checks.not_a_server_error]
        expected-statuses = ["2xx", "3xx", "4xx", "501"]
        """
        .formatted(unsupported);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  @Order(1)
  void theDocumentIsOpenApi() {
    String said = python.program("python").with("-m", "openapi_spec_validator", "--schema", "3.1", document.toString()).demand(data, ATTEMPTS);
    assertThat(said).contains("OK");
  }

  @Test
  @Order(2)
  void theQueryPortKeepsToIt() {
    assertThat(attempts(node.queryAddress(), unload("--exclude-path", "--exclude-tag", "Management"))).containsPattern(ALL_OF_THEM);
  }

  @Test
  @Order(3)
  void theManagementPortKeepsToIt() {
    assertThat(attempts(node.adminAddress(), "--include-tag", "Management")).containsPattern(ALL_OF_THEM);
  }

  @Test
  @Order(4)
  void takingModelsAwayKeepsToIt() {
    assertThat(attempts(node.queryAddress(), unload("--include-path"))).containsPattern(ALL_OF_THEM);
  }

  /** Those paths, each behind that option, and then more. */
  private static String[] unload(String option, String... more) {
    return Stream.concat(UNLOAD.stream().flatMap(path -> Stream.of(option, path)), Stream.of(more)).toArray(String[]::new);
  }

  private static String attempts(InetSocketAddress port, String... which) {
    List<String> arguments =
        List.of(
            "--config-file", configuration.toString(),
            "run", url(node.queryAddress()) + "/openapi.json",
            "--url", url(port),
            "--checks", CHECKS,
            "--phases", "examples,coverage,fuzzing",
            "--max-examples", "8",
            "--seed", "2017",
            "--generation-database", "none",
            "--warnings", "off",
            "--continue-on-failure",
            "--workers", "1");
    String[] all = Stream.concat(arguments.stream(), Stream.of(which)).toArray(String[]::new);
    return python.program("schemathesis").with(all).demand(data, ATTEMPTS);
  }

  private static String url(InetSocketAddress address) {
    return "http://127.0.0.1:" + address.getPort();
  }
}
