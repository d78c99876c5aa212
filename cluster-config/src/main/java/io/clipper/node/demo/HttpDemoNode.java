package io.clipper.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.Answer;
import io.clipper.node.client.Models;
import io.clipper.node.client.NodeClient;
import io.clipper.node.demo.Digits.Digit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A running node, as the show asks it. */
public final class HttpDemoNode implements DemoNode {
  private final NodeClient client;

  public HttpDemoNode(NodeClient client) {
    this.client = client;
  }

  @Override
  public void ensureUniform(String application, String like, List<String> models) {
    JsonNode existing = client.admin("get_application", NodeClient.request().put("name", application));
    if (!existing.has("name")) {
      JsonNode learning = client.admin("get_application", NodeClient.request().put("name", like));
      if (!learning.has("name")) {
        throw new IllegalStateException(
            "the node has no application '%s': it was started with --no-quickstart, or it was deleted".formatted(like));
      }
      client.admin(
          "add_app",
          NodeClient.request()
              .put("name", application)
              .put("policy", "uniform")
              .put("input_type", learning.path("input_type").asText())
              .put("default_output", learning.path("default_output").asText())
              .put("latency_slo_micros", learning.path("latency_slo_micros").asLong()));
    }
    List<String> linked = Models.strings(client.admin("get_linked_models", NodeClient.request().put("app_name", application)));
    List<String> missing = models.stream().filter(model -> !linked.contains(model)).toList();
    if (!missing.isEmpty()) {
      ObjectNode links = NodeClient.request().put("app_name", application);
      ArrayNode names = links.putArray("model_names");
      missing.forEach(names::add);
      client.admin("add_model_links", links);
    }
  }

  @Override
  public CompletableFuture<Answer> predict(String application, Digit digit) {
    ObjectNode request = NodeClient.request();
    ArrayNode pixels = request.putArray("input");
    digit.pixels().forEach(pixels::add);
    return client.predict(application, request).thenApply(Answer::of);
  }

  @Override
  public CompletableFuture<Void> label(String application, long queryId, String label) {
    return client
        .update(application, NodeClient.request().put("query_id", queryId).put("label", Integer.valueOf(label)))
        .thenAccept(receipt -> {});
  }

  @Override
  public Learned learned(String application) {
    JsonNode state = client.admin("get_state", NodeClient.request().put("app_name", application));
    Map<String, Double> weights = new LinkedHashMap<>();
    state.path("candidates").forEach(candidate -> weights.put(candidate.path("model").asText(), candidate.path("weight").asDouble()));
    return new Learned(state.path("observations").asLong(), weights);
  }

  @Override
  public String currentVersion(String model) {
    return Models.of(client)
        .current(model)
        .orElseThrow(() -> new IllegalStateException("the node has no model '%s' of the bundled application".formatted(model)));
  }

  @Override
  public String deploy(String model, byte[] artifact) {
    String version = Models.of(client).nextVersion(model);
    client.deploy(artifact, Map.of("name", model, "version", version));
    return version;
  }

  @Override
  public void rollback(String model) {
    client.admin("rollback", NodeClient.request().put("model_name", model));
  }

  @Override
  public void rollout(String model, String version) {
    client.admin("set_model_version", NodeClient.request().put("model_name", model).put("model_version", version));
  }
}
