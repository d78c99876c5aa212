package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a node that has served holds what the documentation's table lists, and nothing else. */
class MetricsPageTest {
  private static final Path DOCUMENTATION = Path.of("..", "docs", "http-api.md");
  private static final Pattern ROW = Pattern.compile("^\\| `(clipper_[a-z_]+)` \\| ([a-z]+) \\|", Pattern.MULTILINE);
  private static final Pattern TYPE = Pattern.compile("^# TYPE (clipper_[a-z_]+) ([a-z]+)$", Pattern.MULTILINE);
  private static final String ZEROS = "0,".repeat(63) + "0";

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

  @Test
  void theDocumentationListsWhatIsThere() throws Exception {
    String answer = query("/digits/predict", "{\"input\":[%s],\"slo_micros\":20000000}".formatted(ZEROS));
    long queryId = new JsonMapper().readTree(answer).get("query_id").longValue();
    query("/digits/update", "{\"query_id\":%d,\"label\":0}".formatted(queryId));
    // Of a partition that there is not.
    query("/digits/update", "{\"query_id\":%d,\"label\":0}".formatted(queryId + 1));
    String row = "{\"inputs\":[{\"name\":\"input\",\"shape\":[1,64],\"datatype\":\"FP32\",\"data\":[[%s]]}]}".formatted(ZEROS);
    query("/v2/models/linear-svm@model/infer", row);

    String page = TestNodes.metrics(node);

    Map<String, String> shown = types(TYPE, page);
    Map<String, String> listed = types(ROW, Files.readString(DOCUMENTATION));
    shown.keySet().removeIf(name -> name.endsWith("_max") && listed.containsKey(name.substring(0, name.length() - "_max".length())));
    assertThat(shown).containsExactlyInAnyOrderEntriesOf(listed);
    assertThat(page)
        .contains("clipper_feedback_loss_count{app=\"digits\",model_name=\"linear-svm\",model_version=\"1\"} 1")
        .contains("clipper_feedback_unmatched_total{app=\"digits\"} 1.0")
        .containsPattern("clipper_selection_total\\{app=\"digits\",model_name=\"linear-svm\",model_version=\"1\"} [1-9]")
        .contains("clipper_model_load_duration_seconds_count{model_name=\"linear-svm\",model_version=\"1\"} 1");
  }

  @Test
  void whatLoopsDidForAnApplicationLeavesThePageWithIt() throws Exception {
    String line = "clipper_feedback_unmatched_total{app=\"passing\"}";
    manage("/admin/add_app", "{\"name\":\"passing\",\"input_type\":\"doubles\",\"default_output\":\"\",\"latency_slo_micros\":20000000}");
    query("/passing/predict", "{\"input\":[1.0]}");
    assertThat(TestNodes.metrics(node)).contains(line);

    manage("/admin/delete_app", "{\"name\":\"passing\"}");

    Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(TestNodes.metrics(node)).doesNotContain(line));
  }

  private static Map<String, String> types(Pattern pattern, String text) {
    Map<String, String> types = pattern.matcher(text).results().collect(Collectors.toMap((MatchResult found) -> found.group(1), found -> found.group(2)));
    return new TreeMap<>(types);
  }

  private static String query(String path, String body) throws IOException, InterruptedException {
    return post(node.queryAddress(), path, body);
  }

  private static void manage(String path, String body) throws IOException, InterruptedException {
    post(node.adminAddress(), path, body);
  }

  private static String post(InetSocketAddress address, String path, String body) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(address.getPort(), path));
    HttpRequest request = HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    HttpResponse<String> response;
    try (HttpClient client = HttpClient.newHttpClient()) {
      response = client.send(request, HttpResponse.BodyHandlers.ofString());
    }
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }
}
