package io.clipper.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ToldToStopTest {
  private static final int QUERIES = 8;

  /** So slow that the node is told to stop while one batch is at the model and the rest waits for it. */
  private static final Served SERVED =
      new Served("shop", Duration.ofSeconds(20), List.of(new Served.Simulated(3, Duration.ofSeconds(1))));

  @Test
  void aNodeThatIsToldToStopSaysSoAndAnswersWhatItHasTaken(@TempDir Path folder) throws IOException, InterruptedException {
    try (NodeProcess node = NodeProcess.start(folder, SERVED);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpConnection health = new HttpConnection(node.adminAddress())) {
      List<HttpConnection> connections = new ArrayList<>();
      for (int i = 0; i < QUERIES; i++) {
        connections.add(open(node));
      }
      List<CompletableFuture<HttpConnection.Answer>> asked = new ArrayList<>();
      for (int i = 0; i < QUERIES; i++) {
        int number = i;
        asked.add(CompletableFuture.supplyAsync(() -> ask(connections.get(number), "shop", number), threads));
      }
      awaitWaiting(health, QUERIES - 1);

      node.signal("TERM");

      assertThat(untilNotReady(health).status()).isEqualTo(503);
      for (CompletableFuture<HttpConnection.Answer> answer : asked) {
        assertThat(answer.join().isOk()).isTrue();
        assertThat(answer.join().body().path("default").asBoolean(true)).as("%s", answer.join()).isFalse();
      }
      node.awaitEnd();
      for (HttpConnection connection : connections) {
        connection.close();
      }
    }
  }

  /** One on which something has been answered: what follows is not held up by what happens for the first time. */
  private static HttpConnection open(NodeProcess node) throws IOException {
    HttpConnection connection = new HttpConnection(node.queryAddress());
    assertThat(ask(connection, "nobodys", 0).status()).isEqualTo(404);
    return connection;
  }

  private static HttpConnection.Answer ask(HttpConnection connection, String application, int number) {
    try {
      return connection.post("/%s/predict".formatted(application), "{\"input\":[%d]}".formatted(number));
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static HttpConnection.Answer untilNotReady(HttpConnection health) throws IOException, InterruptedException {
    HttpConnection.Answer answer = health.get("/health/ready");
    while (answer.isOk()) {
      TimeUnit.MILLISECONDS.sleep(10);
      answer = health.get("/health/ready");
    }
    return answer;
  }

  /** Until so many rows wait for the model, besides the one that it has. */
  private static void awaitWaiting(HttpConnection admin, int rows) throws IOException, InterruptedException {
    Pattern waiting = Pattern.compile("(?m)^clipper_pending_requests\\{.*\\} %d(\\.0)?$".formatted(rows));
    while (!waiting.matcher(admin.get("/metrics").body().asText()).find()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
