package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What feedback costs predictions: their p99 at a fixed rate with feedback as fast as it is acknowledged against without, in turns. */
final class FeedbackCost implements Scenario {
  private static final int PREDICTION_CONNECTIONS = 32;
  private static final Duration WARM_UP = Duration.ofSeconds(48);

  private final String database;
  private final int rounds;
  private final Duration turn;
  private final double perSecond;

  /** @param database as {@link Store} knows it */
  FeedbackCost(String database, int rounds, Duration turn, double perSecond) {
    this.database = database;
    this.rounds = rounds;
    this.turn = turn;
    this.perSecond = perSecond;
  }

  @Override
  public String name() {
    return "feedback-cost";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    try (Store store = Store.open(database, folder);
        NodeProcess node = NodeProcess.start(folder.resolve("node"), store.url(), JudgedQueries.SERVED);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      JudgedQueries queries = new JudgedQueries(node.queryAddress(), threads);
      HttpLoad predictions = queries.predictions();
      warmUp(queries, threads, predictions);
      double[] without = new double[rounds];
      double[] with = new double[rounds];
      double[] rates = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        queries.collect((int) (4000 * turn.toSeconds()));
        without[round] = predictions.open(PREDICTION_CONNECTIONS, perSecond, Duration.ofSeconds(1), turn).millis(99);
        CompletableFuture<HttpLoad.Result> beside =
            CompletableFuture.supplyAsync(() -> queries.label(1, turn.plusSeconds(1)), threads);
        with[round] = predictions.open(PREDICTION_CONNECTIONS, perSecond, Duration.ofSeconds(1), turn).millis(99);
        rates[round] = beside.join().expected() / (double) turn.plusSeconds(1).toSeconds();
      }
      report.line("%s: p99 of predictions at %.0f/s without feedback: %s ms".formatted(store.name(), perSecond, text(without)));
      report.line("                 with one connection's feedback: %s ms, %s acknowledged/s".formatted(text(with), text(rates)));
      double ratio = median(with) / median(without);
      report.bar(ratio <= 1.2, "ratio of the medians %.2f (1.2)".formatted(ratio));
    }
  }

  /** Both at once and for long: a JVM that compiles what feedback has made hot takes the processors from predictions, once. */
  private void warmUp(JudgedQueries queries, ExecutorService threads, HttpLoad predictions) throws IOException {
    for (Duration left = WARM_UP; left.isPositive(); left = left.minus(turn)) {
      queries.collect((int) (6000 * turn.toSeconds()));
      CompletableFuture<HttpLoad.Result> beside =
          CompletableFuture.supplyAsync(() -> queries.label(JudgedQueries.ASKING_CONNECTIONS, turn), threads);
      predictions.open(PREDICTION_CONNECTIONS, perSecond, Duration.ZERO, turn);
      beside.join();
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
