package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.Refused;
import io.clipper.application.Feedback;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.RuntimeSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.cluster.typed.Cluster;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipperNodeTest {
  private static final Query BLANK =
      new Query("digits", Input.of(Tensor.ofFloats(new float[64])), Optional.empty(), Optional.of(Duration.ofSeconds(20)), Optional.empty());

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
  void anEmptyNodeServesTheBundledDigits() {
    Prediction prediction = predict();

    assertThat(prediction.isDefault()).isFalse();
    assertThat(prediction.models()).hasSize(5);
  }

  @Test
  void whatWasLearnedAndWhatIsServedIsTheSameAfterARestart() {
    for (int i = 0; i < 30; i++) {
      label(predict(), Integer.toString(i % 10));
    }
    LearnedState learned = state();
    Catalog served = node.serving().applications().catalog();
    Prediction before = predict();

    node.close();
    node = TestNodes.start(data);

    assertThat(state()).isEqualTo(learned);
    assertThat(node.serving().applications().catalog()).isEqualTo(served);
    assertThat(predict().output()).isEqualTo(before.output());
    assertThat(predict().queryId()).isGreaterThan(before.queryId());
  }

  @Test
  void feedbackAfterARestartFindsItsPrediction() {
    Prediction before = predict();

    node.close();
    assertThat(predict().isDefault()).as("a closed node answers too").isTrue();
    node = TestNodes.start(data);

    assertThat(label(before, "0").models()).isEqualTo(5);
    assertThat(label(before, "0").observed()).isFalse();
  }

  @Test
  void aNodeThatServesSaysSo() throws IOException, InterruptedException {
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    predict();
    assertThat(get("/metrics").body()).contains("clipper_batch_size", "clipper_compute_duration_seconds", "clipper_cache_lookups_total");
  }

  @Test
  void whatIsDeletedIsOnTheMetricsPageNoLonger() throws IOException, InterruptedException {
    deployHeld("passing");
    assertThat(get("/metrics").body()).contains("model_name=\"passing\"");

    change(new CatalogChange.DeleteApplication("passing"));
    change(new CatalogChange.DeleteModelVersion("passing", "1"));

    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(get("/metrics").body()).contains("clipper_batch_size").doesNotContain("\"passing\""));
  }

  private static void change(CatalogChange change) {
    node.serving().applications().change(change).toCompletableFuture().join();
  }

  @Test
  void aNodeThatStopsSaysSoAndAnswersWhatItHasAccepted() throws InterruptedException {
    deployHeld("held");
    HeldModel.hold();
    try (HttpClient client = HttpClient.newHttpClient()) {
      CompletableFuture<HttpResponse<String>> accepted = client.sendAsync(askHeld(1), HttpResponse.BodyHandlers.ofString());
      HeldModel.Batch busy = HeldModel.expect(1.0);

      CompletableFuture<Void> stopping = CompletableFuture.runAsync(node::close);

      HttpResponse<String> ready =
          Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> get("/health/ready"), answer -> answer.statusCode() == 503);
      assertThat(ready.body()).contains("stopping");
      assertThat(accepted).isNotDone();
      busy.end();
      assertThat(accepted.join().statusCode()).isEqualTo(200);
      assertThat(accepted.join().body()).contains("\"output\":1.0", "\"default\":false");
      stopping.join();
    } finally {
      HeldModel.release();
    }
    node = TestNodes.start(data);
  }

  @Test
  void aFolderIsOneNodesAlone() {
    assertThatThrownBy(() -> TestNodes.start(data)).isInstanceOf(Refused.class).hasMessageContaining("another node uses").hasMessageContaining("--data");
  }

  @Test
  void aPortThatIsTakenIsNamedWithItsOption(@TempDir Path other) {
    int taken = node.queryAddress().getPort();
    int cluster = Cluster.get(node.system()).selfMember().address().getPort().orElseThrow();

    assertThatThrownBy(() -> ClipperNode.start(TestNodes.options(other, taken, 0))).isInstanceOf(Refused.class).hasMessageContaining("--http-port");
    assertThatThrownBy(() -> ClipperNode.start(TestNodes.options(other, 0, cluster)))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("--cluster-port");
  }

  private static void deployHeld(String name) {
    ModelId model = new ModelId(name, "1");
    ModelVersion version =
        new ModelVersion(
            model, InputType.DOUBLES.signature(), new RuntimeSpec.PlugIn(HeldModel.KIND, Map.of()), Optional.empty(), List.of(), "", "", 1, false);
    Application application =
        new Application(name, InputType.DOUBLES.signature(), Duration.ofMinutes(1), "-1", LearningSettings.DEFAULT, List.of());
    node.serving()
        .applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(application)))
        .thenCompose(changed -> node.serving().replicas().whenSettled(model))
        .toCompletableFuture()
        .join();
  }

  private static HttpRequest askHeld(double number) {
    URI uri = URI.create("http://127.0.0.1:%d/held/predict".formatted(node.queryAddress().getPort()));
    return HttpRequest.newBuilder(uri)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("{\"input\":[%s]}".formatted(number)))
        .build();
  }

  private static Prediction predict() {
    return node.serving().applications().predict(BLANK).toCompletableFuture().join();
  }

  private static Feedback.Receipt label(Prediction prediction, String label) {
    Feedback feedback =
        new Feedback("digits", new Feedback.OfQuery(prediction.queryId()), new Feedback.Label(label), Optional.empty(), Optional.empty());
    return node.serving().applications().observe(feedback).toCompletableFuture().join();
  }

  private static LearnedState state() {
    return node.serving().applications().state("digits", Optional.empty()).toCompletableFuture().join();
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(node.adminAddress().getPort(), path));
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
