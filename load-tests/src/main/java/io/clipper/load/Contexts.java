package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Some contexts teach one application of eight models, each once, and their rows are copied until there are very many. What those cost in
 * memory, how soon the application answers after its node was killed, and what the first query of a context that is not in memory costs
 * beside one of a context that is.
 */
final class Contexts implements Scenario {
  private static final Served SERVED =
      new Served("shop", Duration.ofMillis(100), IntStream.rangeClosed(1, 8).mapToObj(number -> Served.Simulated.fast(number % 3)).toList());
  private static final String INPUT = "\"input\":[1.5,1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0,9.0]";
  private static final int CONNECTIONS = 64;
  private static final int TAUGHT = 20_000;
  private static final int PAIRS = 10_000;

  /** More than are in memory. */
  private static final int NAMES = 60_000;

  private static final int WARM_UP_PAIRS = 3_000;
  private static final long MOST_BYTES = 120_000_000;

  private final int contexts;

  Contexts(int contexts) {
    this.contexts = contexts;
  }

  @Override
  public String name() {
    return "contexts";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    long emptyStart = startMillis(folder.resolve("empty"));
    long emptyHeap;
    try (NodeProcess node = NodeProcess.start(folder, SERVED)) {
      ask(node, List.of("warm-up"), 2_000);
      emptyHeap = node.ask("used-heap-bytes");
      long started = System.nanoTime();
      teach(node);
      double seconds = (System.nanoTime() - started) / 1e9;
      report.line("%,d contexts taught, each once: %,.0f acknowledged/s".formatted(Math.min(TAUGHT, contexts), Math.min(TAUGHT, contexts) / seconds));
    }
    List<String> some = copied(folder, report);
    long started = System.nanoTime();
    try (NodeProcess node = NodeProcess.start(folder, SERVED)) {
      ask(node, some, 1);
      long restart = (System.nanoTime() - started) / 1_000_000;
      report.bar(
          restart <= emptyStart + 2_000,
          "killed and answered again after %,d ms, JVM and all; a node that knows no context: %,d ms (2,000 more)".formatted(restart, emptyStart));
      firstQueries(node, some, report);
      ask(node, some, some.size());
      long heap = node.ask("used-heap-bytes") - emptyHeap;
      report.bar(
          heap <= MOST_BYTES,
          "heap after a collection: %,.1f MB above the %,.1f MB of a node before its first context (120)".formatted(heap / 1e6, emptyHeap / 1e6));
    }
  }

  /** Copies rows until there are as many contexts as wanted; some of their names, in no order. */
  private List<String> copied(Path folder, Report report) {
    String url = "jdbc:h2:file:%s".formatted(folder.resolve("clipper").toAbsolutePath());
    try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
      ContextRows rows = new ContextRows(connection, ContextRows.Dialect.H2);
      long taught = rows.count();
      rows.copyTo(contexts);
      report.line("%,d of them had a row when their node was killed; copied to %,d".formatted(taught, rows.count()));
      List<String> names = rows.names(NAMES);
      Collections.shuffle(names, new Random(contexts));
      return names;
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** The second start on its folder, and an answer. */
  private static long startMillis(Path folder) throws IOException {
    NodeProcess.start(folder, SERVED).close();
    long started = System.nanoTime();
    try (NodeProcess node = NodeProcess.start(folder, SERVED)) {
      ask(node, List.of(context(0)), 1);
      return (System.nanoTime() - started) / 1_000_000;
    }
  }

  /** In turns, so that whatever else the machine does is in both. */
  private static void firstQueries(NodeProcess node, List<String> names, Report report) throws IOException {
    Histogram known = new Histogram(3);
    Histogram first = new Histogram(3);
    int unread = 0;
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      for (int pair = 1; pair < Math.min(names.size(), WARM_UP_PAIRS + PAIRS); pair++) {
        boolean counts = pair > WARM_UP_PAIRS || names.size() <= WARM_UP_PAIRS;
        time(connection, predict(names.getFirst()), counts ? known : new Histogram(3));
        HttpConnection.Answer answer = time(connection, predict(names.get(pair)), counts ? first : new Histogram(3));
        unread += answer.body().has("context_read") ? 1 : 0;
      }
    }
    double median = (first.getValueAtPercentile(50) - known.getValueAtPercentile(50)) / 1000.0;
    double tail = (first.getValueAtPercentile(99) - known.getValueAtPercentile(99)) / 1000.0;
    report.line("a context in memory: %s; one that is not: %s; answered from the prior: %d".formatted(text(known), text(first), unread));
    report.bar(median <= 1, "the first query costs %.3f ms more at p50 (1)".formatted(median));
    report.bar(tail <= 5, "and %.3f ms more at p99 (5)".formatted(tail));
  }

  private static HttpConnection.Answer time(HttpConnection connection, String body, Histogram micros) throws IOException {
    long asked = System.nanoTime();
    HttpConnection.Answer answer = connection.post("/shop/predict", body);
    micros.recordValue((System.nanoTime() - asked) / 1000);
    return answer;
  }

  private void teach(NodeProcess node) {
    AtomicLong next = new AtomicLong();
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.add(CompletableFuture.runAsync(() -> teach(node, next), task -> Thread.ofPlatform().start(task)));
    }
    clients.forEach(CompletableFuture::join);
  }

  private void teach(NodeProcess node, AtomicLong next) {
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      for (long number = next.getAndIncrement(); number < Math.min(TAUGHT, contexts); number = next.getAndIncrement()) {
        String body = "{%s,\"context\":\"%s\",\"label\":1.0}".formatted(INPUT, context(number));
        HttpConnection.Answer answer = connection.post("/shop/update", body);
        while (!answer.isOk()) {
          answer = connection.post("/shop/update", body);
        }
      }
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static void ask(NodeProcess node, List<String> names, int times) throws IOException {
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      for (int i = 0; i < times; i++) {
        connection.post("/shop/predict", predict(names.get(i % names.size())));
      }
    }
  }

  private static String predict(String context) {
    return "{%s,\"context\":\"%s\"}".formatted(INPUT, context);
  }

  /** 36 characters, and in no order. */
  private static String context(long number) {
    return new UUID(number * 0x9E3779B97F4A7C15L, number).toString();
  }

  private static String text(Histogram micros) {
    return "p50 %.3f, p99 %.3f ms".formatted(micros.getValueAtPercentile(50) / 1000.0, micros.getValueAtPercentile(99) / 1000.0);
  }
}
