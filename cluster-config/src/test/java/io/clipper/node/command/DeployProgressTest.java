package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.FakeNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.client.NodeUnreachable;
import io.clipper.node.terminal.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DeployProgressTest {
  private final FakeNode node = new FakeNode();
  private final NodeClient client = node.client();
  private final StringWriter err = new StringWriter();
  private final CompletableFuture<JsonNode> deploying = new CompletableFuture<>();

  @AfterEach
  void stop() {
    client.close();
    node.close();
  }

  @Test
  @Timeout(60)
  void aNodeThatIsNotSeenAnyMoreIsNotWaitedFor() {
    node.close();

    assertThatThrownBy(() -> await(Duration.ZERO)).isInstanceOf(NodeUnreachable.class).hasMessageContaining("connection refused");
    assertThat(deploying).isCancelled();
  }

  @Test
  @Timeout(60)
  void aStepIsToldOnceAndALookThatIsRefusedIsNone() {
    node.answers("/admin/get_starting", "[{\"model_name\":\"m\",\"model_version\":\"1\",\"step\":\"its worker starts\"}]");
    CompletableFuture<JsonNode> answer = CompletableFuture.supplyAsync(() -> await(Duration.ZERO));
    awaitLooks(2);
    node.answers("/admin/get_starting", 503, "{\"error\":\"Unavailable\",\"cause\":\"starting\"}");
    int looks = node.asked().size();
    awaitLooks(looks + 2);

    deploying.complete(NodeClient.request().put("state", "ready"));

    assertThat(answer.join().path("state").asText()).isEqualTo("ready");
    assertThat(err.toString().lines()).containsExactly("m:1: its worker starts");
  }

  private void awaitLooks(int looks) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> node.asked().size() >= looks);
  }

  private JsonNode await(Duration unseen) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return DeployProgress.await(deploying, client, new Terminal(nowhere, new PrintWriter(err, true), false), "m", "1", unseen);
  }
}
