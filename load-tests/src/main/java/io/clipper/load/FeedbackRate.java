package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * How many labels a second become durable, each of which judges four models and is acknowledged when it is on the disk; beside a bare loop
 * of single writes to the same database.
 */
final class FeedbackRate implements Scenario {
  private static final int CONNECTIONS = 128;

  /** As many as the node may acknowledge: none may be missing at the end of a turn. */
  private static final int MOST_PER_SECOND = 20_000;

  /** The original made 10 900 observations a second of four models, none of them durable (Clipper, NSDI 2017, 4.2). */
  private static final double LEAST_PER_SECOND = 11_000;

  /** A group of labels shares a write: a database alone must not be what bounds it. */
  private static final double TIMES_BARE = 3;

  private final List<String> databases;
  private final int warmUps;
  private final int turns;
  private final Duration turn;

  /** @param databases as {@link Store} knows them */
  FeedbackRate(List<String> databases, int warmUps, int turns, Duration turn) {
    this.databases = databases;
    this.warmUps = warmUps;
    this.turns = turns;
    this.turn = turn;
  }

  @Override
  public String name() {
    return "feedback-rate";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    for (String database : databases) {
      try (Store store = Store.open(database, folder);
          NodeProcess node = NodeProcess.start(folder.resolve("node-" + databases.indexOf(database)), store.url(), JudgedQueries.SERVED);
          ExecutorService threads = Executors.newCachedThreadPool()) {
        JudgedQueries queries = new JudgedQueries(node.queryAddress(), threads);
        double[] rates = new double[turns];
        double[] p99 = new double[turns];
        for (int i = -warmUps; i < turns; i++) {
          queries.collect((int) (MOST_PER_SECOND * turn.toSeconds()));
          HttpLoad.Result result = queries.label(CONNECTIONS, turn);
          if (i >= 0) {
            rates[i] = result.expected() * 1e9 / turn.toNanos();
            p99[i] = result.millis(99);
          }
        }
        Arrays.sort(rates);
        Arrays.sort(p99);
        double median = rates[turns / 2];
        report.bar(
            median >= LEAST_PER_SECOND,
            "%s: %,.0f labels/s at the median of %d turns (%,.0f to %,.0f), p99 %.1f ms (%,.0f)"
                .formatted(store.name(), median, turns, rates[0], rates[turns - 1], p99[turns / 2], LEAST_PER_SECOND));
        double bare = store.bareWritesPerSecond(turn);
        report.bar(
            median >= TIMES_BARE * bare,
            "%s: %.1f times its bare single writes, %,.0f/s (%.0f times)".formatted(store.name(), median / bare, bare, TIMES_BARE));
      }
    }
  }
}
