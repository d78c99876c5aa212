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

/** Waits for a deployment for as long as its node is there, and says meanwhile, on standard error, what the node is at. */
final class DeployProgress {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
  /** Long enough for a node that stops to answer what it has begun, while it takes no new connections. */
  private static final Duration UNSEEN = Duration.ofMinutes(1);

  private final NodeClient client;
  private final Terminal terminal;
  private final String name;
  private final String version;
  private final Duration unseen;
  private String said = "";
  private long seenAt = System.nanoTime();

  private DeployProgress(NodeClient client, Terminal terminal, String name, String version, Duration unseen) {
    this.client = client;
    this.terminal = terminal;
    this.name = name;
    this.version = version;
    this.unseen = unseen;
  }

  static JsonNode await(CompletableFuture<JsonNode> deploying, NodeClient client, Terminal terminal, String name, String version) {
    return await(deploying, client, terminal, name, version, UNSEEN);
  }

  /** @param unseen for how long the node may answer no look at it */
  static JsonNode await(
      CompletableFuture<JsonNode> deploying, NodeClient client, Terminal terminal, String name, String version, Duration unseen) {
    DeployProgress progress = new DeployProgress(client, terminal, name, version, unseen);
    try {
      while (!isDone(deploying)) {
        progress.look();
      }
    } catch (NodeUnreachable gone) {
      deploying.cancel(true);
      throw gone;
    }
    return NodeClient.await(deploying);
  }

  /** After a while. */
  private static boolean isDone(CompletableFuture<JsonNode> deploying) {
    try {
      deploying.get(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException notYet) {
      return false;
    } catch (ExecutionException failed) {
      // Thrown as what it is by whoever takes the value.
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the node deploys", interrupted);
    }
    return true;
  }

  private void look() {
    try {
      String step = step();
      if (!step.isEmpty() && !step.equals(said)) {
        terminal.err().println("%s:%s: %s".formatted(name, version, step));
        said = step;
      }
    } catch (NodeRefused refused) {
      // It is there: how the deployment itself ends says more.
    } catch (NodeUnreachable gone) {
      if (System.nanoTime() - seenAt >= unseen.toNanos()) {
        throw gone;
      }
      return;
    }
    seenAt = System.nanoTime();
  }

  private String step() {
    for (JsonNode starting : client.admin("get_starting", NodeClient.request())) {
      if (starting.path("model_name").asText().equals(name) && starting.path("model_version").asText().equals(version)) {
        return starting.path("step").asText();
      }
    }
    return "";
  }
}
