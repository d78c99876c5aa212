package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.application.Query;
import io.clipper.model.Input;
import io.clipper.model.Tensor;
import io.clipper.node.client.NodeClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
  @Test
  void aStartThatWasInterruptedIsCompletedByTheNext(@TempDir Path data) {
    try (ClipperNode node = ClipperNode.start(TestNodes.options(data, 0, 0, false))) {
      Quickstart.deploy(node.serving(), "linear-svm").toCompletableFuture().join();
      Quickstart.deploy(node.serving(), "naive-bayes").toCompletableFuture().join();
    }

    try (ClipperNode node = TestNodes.start(data)) {
      Query blank =
          new Query("digits", Input.of(Tensor.ofFloats(new float[64])), Optional.empty(), Optional.of(Duration.ofSeconds(20)), Optional.empty());
      assertThat(node.serving().applications().predict(blank).toCompletableFuture().join().models()).hasSize(5);
      try (NodeClient client = TestNodes.client(node)) {
        JsonNode changes = client.admin("get_changes", NodeClient.request().put("limit", 100));
        assertThat(changes).hasSize((int) node.serving().applications().catalog().revision());
        assertThat(changes.get(0).path("change").asText()).isEqualTo("model linear-svm:1 added and in use, 1 replica");
        assertThat(client.admin("get_changes", NodeClient.request().put("limit", 2))).last().isEqualTo(changes.get(changes.size() - 1));
      }
    }
  }
}
