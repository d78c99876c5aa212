package io.clipper.node.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** Everything the command line says to a node, over HTTP/1.1 with connections that stay open. Safe for many threads. */
public final class NodeClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration QUERY = Duration.ofSeconds(60);
  /** Beyond what the catalog may take, and a cluster's loops to move. */
  private static final Duration ADMIN = Duration.ofMinutes(2);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final NodeAddress address;
  private final Duration patience;
  private final HttpClient http;

  public NodeClient(NodeAddress address) {
    this(address, ADMIN);
  }

  /** @param patience what a management verb may take, deployments excepted */
  NodeClient(NodeAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
    this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  }

  public static ObjectNode request() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A management verb: what it answers, a text as a JSON string. */
  public JsonNode admin(String verb, ObjectNode request) {
    return await(post(address.admin(), "/admin/" + verb, "application/json", json(request), Optional.of(patience)));
  }

  /** Uploads a model's bytes; answers when the version is warm. */
  public JsonNode deploy(byte[] artifact, Map<String, String> parameters) {
    return await(deploying(BodyPublishers.ofByteArray(artifact), parameters));
  }

  /**
   * The same, of a file or of nothing, for who has something to do meanwhile. It takes as long as the node does, which may make an environment
   * for it, behind others: whoever waits no longer cancels it.
   */
  public CompletableFuture<JsonNode> deploying(BodyPublisher artifact, Map<String, String> parameters) {
    String query =
        parameters.entrySet().stream().map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue())).collect(Collectors.joining("&"));
    return post(address.admin(), "/admin/deploy?" + query, "application/octet-stream", artifact, Optional.empty());
  }

  /** One query, as JSON; fails with {@link NodeRefused} or {@link NodeUnreachable}. */
  public CompletableFuture<JsonNode> predict(String application, ObjectNode request) {
    return post(address.query(), "/" + encoded(application) + "/predict", "application/json", json(request), Optional.of(QUERY));
  }

  /** Feedback; done once the node says that it is durable. */
  public CompletableFuture<JsonNode> update(String application, ObjectNode request) {
    return post(address.query(), "/" + encoded(application) + "/update", "application/json", json(request), Optional.of(QUERY));
  }

  /** The value of a call, or the refusal it failed with. */
  public static <T> T await(CompletableFuture<T> call) {
    try {
      return call.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failed;
    }
  }

  private CompletableFuture<JsonNode> post(URI base, String path, String type, BodyPublisher body, Optional<Duration> timeout) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).header("Content-Type", type).POST(body);
    timeout.ifPresent(request::timeout);
    address.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return http.sendAsync(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8))
        .handle(
            (response, failure) -> {
              if (failure == null) {
                return read(response);
              }
              Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
              throw cause instanceof IOException ? new NodeUnreachable(base, cause) : new CompletionException(cause);
            });
  }

  private static JsonNode read(HttpResponse<String> response) {
    JsonNode value = parsed(response.body());
    if (response.statusCode() / 100 == 2) {
      return value;
    }
    String cause = value.isObject() ? value.path("cause").asText(value.path("error").asText(value.toString())) : value.asText();
    throw new NodeRefused(response.statusCode(), cause.isBlank() ? "HTTP status " + response.statusCode() : cause.strip());
  }

  /** The original answers some verbs with bare text under a JSON content type. */
  private static JsonNode parsed(String body) {
    try {
      JsonNode value = JSON.readTree(body);
      return value.isMissingNode() ? JsonNodeFactory.instance.textNode("") : value;
    } catch (JsonProcessingException bareText) {
      return JsonNodeFactory.instance.textNode(body.strip());
    }
  }

  private static BodyPublisher json(ObjectNode request) {
    return BodyPublishers.ofString(request.toString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    http.close();
  }
}
