package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.client.NodeRefused;
import io.clipper.node.client.NodeUnreachable;
import io.clipper.node.terminal.Terminal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a deployment and says meanwhile, on standard error, what the node is at. */
final class DeployProgress {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private DeployProgress() {}

  static JsonNode await(CompletableFuture<JsonNode> deploying, NodeClient client, Terminal terminal, String name, String version) {
    String said = "";
    while (true) {
      try {
        deploying.get(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        String step = step(client, name, version);
        if (!step.isEmpty() && !step.equals(said)) {
          terminal.err().println("%s:%s: %s".formatted(name, version, step));
          said = step;
        }
        continue;
      } catch (ExecutionException failed) {
        // Thrown below as what it is.
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the node deploys", interrupted);
      }
      return NodeClient.await(deploying);
    }
  }

  /** A look that fails says nothing: how the deployment itself ends does. */
  private static String step(NodeClient client, String name, String version) {
    try {
      for (JsonNode starting : client.admin("get_starting", NodeClient.request())) {
        if (starting.path("model_name").asText().equals(name) && starting.path("model_version").asText().equals(version)) {
          return starting.path("step").asText();
        }
      }
    } catch (NodeRefused | NodeUnreachable unseen) {
      return "";
    }
    return "";
  }
}
