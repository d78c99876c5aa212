package io.clipper.model.runtime.process;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.clipper.model.ModelId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place at a node of a worker that nobody there started. The node forgets it unless it is renewed; so one that was restarted knows it
 * again soon.
 */
final class Membership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  /** A third of what a node waits for the next announcement, so that one may get lost. */
  private static final Duration RENEWAL = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration GOODBYE = Duration.ofSeconds(2);
  /** As long again for an announcement that is under way. */
  private static final Duration LEAVE = GOODBYE.multipliedBy(2);
  private static final int SERVER_ERROR = 500;
  private static final int OK = 200;

  private final HttpClient client = HttpClient.newHttpClient();
  private final CountDownLatch leaving = new CountDownLatch(1);
  private final CountDownLatch left = new CountDownLatch(1);
  private final URI node;
  private final Optional<String> token;
  private final Struct place;

  private Membership(URI node, Optional<String> token, Struct place) {
    this.node = node;
    this.token = token;
    this.place = place;
  }

  /**
   * Announces it, now and on.
   *
   * @param node its management port
   * @param url where that node reaches the worker
   * @param refused called, once, when the node does not want it, or not any more
   */
  static Membership join(URI node, Optional<String> token, ModelId model, String url, Consumer<String> refused) {
    Struct place =
        Struct.newBuilder()
            .putFields("model_name", text(model.name()))
            .putFields("model_version", text(model.version()))
            .putFields("url", text(url))
            .build();
    Membership membership = new Membership(node, token, place);
    Thread.ofPlatform().daemon().name("membership").start(() -> membership.run(refused));
    return membership;
  }

  /** Says that it takes nothing new, where the node can be told. Blocks until it knows, but not for long. */
  @Override
  public void close() {
    leaving.countDown();
    try {
      if (!left.await(LEAVE.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.info("{} does not know yet that the worker leaves", node);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** One thread says both, one after the other: a node that hears of an announcement last would have the worker back. */
  private void run(Consumer<String> refused) {
    try {
      if (stay(refused)) {
        leave();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      left.countDown();
      client.shutdownNow();
    }
  }

  private void leave() throws InterruptedException {
    try {
      post("leave", place, GOODBYE);
    } catch (IOException unreachable) {
      LOG.info("{} was not told that the worker leaves: {}", node, unreachable.toString());
    }
  }

  /** False where the node does not want it. */
  private boolean stay(Consumer<String> refused) throws InterruptedException {
    boolean known = false;
    do {
      Struct announcement = place.toBuilder().putFields("renew", Value.newBuilder().setBoolValue(known).build()).build();
      try {
        HttpResponse<String> answer = post("announce", announcement, ANSWER);
        if (answer.statusCode() == OK) {
          known = true;
        } else if (answer.statusCode() < SERVER_ERROR) {
          refused.accept("%s refuses it: %s".formatted(node, answer.body()));
          return false;
        } else {
          LOG.warn("{} cannot take the worker yet: {}", node, answer.body());
        }
      } catch (IOException unreachable) {
        LOG.warn("{} cannot be reached, and is tried again: {}", node, unreachable.toString());
      }
    } while (!leaving.await(RENEWAL.toNanos(), TimeUnit.NANOSECONDS));
    return true;
  }

  private HttpResponse<String> post(String verb, Struct body, Duration timeout) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(node.resolve("/admin/" + verb))
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JsonFormat.printer().print(body)));
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
