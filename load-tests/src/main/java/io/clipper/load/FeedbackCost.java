package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What feedback costs predictions: their p99 at a fixed rate with feedback as fast as it is acknowledged against without, in turns; and how
 * much feedback becomes durable in a second beside a bare loop of single writes to the same kind of database.
 */
final class FeedbackCost implements Scenario {
  private static final Served SERVED =
      new Served(
          "shop",
          Duration.ofMillis(100),
          List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)));
  private static final String LABEL = "1.0";
  private static final int PREDICTION_CONNECTIONS = 32;
  private static final int FULL_RATE_CONNECTIONS = 128;
  private static final int ASKING_CONNECTIONS = 8;
  private static final int EVENT_BYTES = 512;
  private static final Duration WARM_UP = Duration.ofSeconds(48);

  private final int rounds;
  private final Duration turn;
  private final double perSecond;
  private final Requests requests = new Requests();
  private final Queue<Long> ids = new ConcurrentLinkedQueue<>();

  FeedbackCost(int rounds, Duration turn, double perSecond) {
    this.rounds = rounds;
    this.turn = turn;
    this.perSecond = perSecond;
  }

  @Override
  public String name() {
    return "feedback-cost";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    try (NodeProcess node = NodeProcess.start(folder, SERVED);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      HttpLoad predictions = new HttpLoad(node.queryAddress(), () -> HttpLoad.post("/shop/predict", requests.predict()));
      HttpLoad feedback = new HttpLoad(node.queryAddress(), this::nextUpdate, "\"observed\":true");
      warmUp(node, threads, predictions, feedback);
      double[] without = new double[rounds];
      double[] with = new double[rounds];
      double[] rates = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        collectIds(node, threads, (int) (4000 * turn.toSeconds()));
        without[round] = predictions.open(PREDICTION_CONNECTIONS, perSecond, Duration.ofSeconds(1), turn).millis(99);
        CompletableFuture<HttpLoad.Result> beside =
            CompletableFuture.supplyAsync(() -> closed(feedback, 1, turn.plusSeconds(1)), threads);
        with[round] = predictions.open(PREDICTION_CONNECTIONS, perSecond, Duration.ofSeconds(1), turn).millis(99);
        rates[round] = beside.join().expected() / (double) turn.plusSeconds(1).toSeconds();
      }
      report.line("p99 of predictions at %.0f/s without feedback: %s ms".formatted(perSecond, text(without)));
      report.line("                 with one connection's feedback: %s ms, %s acknowledged/s".formatted(text(with), text(rates)));
      double ratio = median(with) / median(without);
      report.bar(ratio <= 1.2, "ratio of the medians %.2f (1.2)".formatted(ratio));

      collectIds(node, threads, (int) (12_000 * turn.toSeconds()));
      HttpLoad.Result full = closed(feedback, FULL_RATE_CONNECTIONS, turn);
      report.line(
          "durable feedback, %d connections, 4 models judged: %,.0f/s (p99 %.1f ms); a bare loop of single writes: %,.0f/s"
              .formatted(
                  FULL_RATE_CONNECTIONS, full.expected() / (double) turn.toSeconds(), full.millis(99), bareWritesPerSecond(folder)));
    }
  }

  /** Both at once and for long: a JVM that compiles what feedback has made hot takes the processors from predictions, once. */
  private void warmUp(NodeProcess node, ExecutorService threads, HttpLoad predictions, HttpLoad feedback) throws IOException {
    for (Duration left = WARM_UP; left.isPositive(); left = left.minus(turn)) {
      collectIds(node, threads, (int) (6000 * turn.toSeconds()));
      CompletableFuture<HttpLoad.Result> beside = CompletableFuture.supplyAsync(() -> closed(feedback, ASKING_CONNECTIONS, turn), threads);
      predictions.open(PREDICTION_CONNECTIONS, perSecond, Duration.ZERO, turn);
      beside.join();
    }
  }

  private byte[] nextUpdate() {
    Long id = ids.poll();
    // With none left the question is about a query that never was: it is answered, and not counted as observed.
    return HttpLoad.post("/shop/update", Requests.update(id == null ? 0 : id, LABEL));
  }

  private static HttpLoad.Result closed(HttpLoad load, int connections, Duration time) {
    try {
      return load.closed(connections, Duration.ZERO, time);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** Asks until so many predictions wait to be judged. */
  private void collectIds(NodeProcess node, ExecutorService threads, int wanted) {
    List<CompletableFuture<Void>> asking = new ArrayList<>();
    for (int i = 0; i < ASKING_CONNECTIONS; i++) {
      asking.add(CompletableFuture.runAsync(() -> collect(node, wanted / ASKING_CONNECTIONS), threads));
    }
    asking.forEach(CompletableFuture::join);
  }

  private void collect(NodeProcess node, int wanted) {
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      for (int i = 0; i < wanted; i++) {
        ids.add(connection.post("/shop/predict", requests.predict()).body().path("query_id").asLong());
      }
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** One connection, one row of half a kilobyte a commit, on the disk before it returns. */
  private double bareWritesPerSecond(Path folder) {
    String url = "jdbc:h2:file:%s;WRITE_DELAY=0".formatted(folder.resolve("bare").toAbsolutePath());
    try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
      try (Statement create = connection.createStatement()) {
        create.execute("CREATE TABLE bare (number BIGINT PRIMARY KEY, event BLOB NOT NULL)");
      }
      long written = 0;
      long end = System.nanoTime() + turn.toNanos();
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO bare VALUES (?, ?)")) {
        while (System.nanoTime() < end) {
          insert.setLong(1, written++);
          insert.setBytes(2, new byte[EVENT_BYTES]);
          insert.executeUpdate();
        }
      }
      return written * 1e9 / TimeUnit.SECONDS.toNanos(turn.toSeconds());
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static String text(double[] values) {
    StringBuilder text = new StringBuilder();
    for (double value : values) {
      text.append(text.isEmpty() ? "" : " ").append("%.2f".formatted(value));
    }
    return text.toString();
  }
}
