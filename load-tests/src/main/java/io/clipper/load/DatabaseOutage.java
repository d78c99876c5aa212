package io.clipper.load;

import io.clipper.load.ClusterClients.Outcome;
import io.clipper.load.ClusterClients.Sample;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Three nodes under steady load, whose PostgreSQL is stopped for a while and started again. Predictions go on, feedback is refused in words,
 * and all of it works again by itself, with everything that was acknowledged.
 */
final class DatabaseOutage implements Scenario {
  private static final Duration SLO = Duration.ofMillis(100);
  private static final Duration GRACE = Duration.ofMillis(50);
  private static final Served SERVED = new Served("shop", SLO, List.of(Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)));
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final int CLIENTS = 4;
  private static final Duration LABEL_AFTER = Duration.ofSeconds(5);
  private static final Duration STEADY = Duration.ofSeconds(10);
  private static final Duration BACK = Duration.ofSeconds(30);
  private static final int LEAST_QUERIES = 5_000;

  private final Duration outage;

  DatabaseOutage(Duration outage) {
    this.outage = outage;
  }

  @Override
  public String name() {
    return "database-outage";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Path data = folder.resolve("postgresql");
    EmbeddedPostgres first = EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false).start();
    int port = first.getPort();
    try (ClusterNodes nodes = new ClusterNodes(folder, Optional.of(first.getJdbcUrl("postgres", "postgres")), SERVED, ClusterNodes.Place.here(NAMES));
        ClusterClients clients = new ClusterClients(SERVED.application(), LABEL_AFTER.toNanos())) {
      nodes.startAll(clients, CLIENTS);
      TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());

      long stopped = System.nanoTime();
      first.close();
      TimeUnit.NANOSECONDS.sleep(outage.toNanos());
      String refusal = feedback(nodes.process(NAMES.getFirst()));
      long started = System.nanoTime();
      try (EmbeddedPostgres second = EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false).setPort(port).start()) {
        report.line("stopped for %.1f s, and started again on port %d".formatted((System.nanoTime() - stopped) / 1e9, second.getPort()));
        TimeUnit.NANOSECONDS.sleep(BACK.toNanos());
        double again = ClusterLearning.secondsUntilLearning(clients, started);
        // Labels that are refused for longer than clients send them again are theirs to lose.
        ClusterLearning.judge(nodes, clients, 50, report);
        judgePredictions(clients.samples().stream().filter(sample -> sample.at() >= stopped).toList(), report);
        report.bar(refusal.startsWith("503"), "feedback meanwhile: %s".formatted(refusal));
        report.bar(again <= 25, "learning again %.1f s after it was started (25)".formatted(again));
        report.bar(nodes.members(NAMES.getFirst()).equals(List.of("Up", "Up", "Up")), "members after that: %s".formatted(nodes.members(NAMES.getFirst())));
      }
    } finally {
      first.close();
    }
  }

  private static void judgePredictions(List<Sample> samples, Report report) {
    long failed = samples.stream().filter(Sample::isFailure).count();
    long late = samples.stream().filter(sample -> sample.tookNanos() > SLO.plus(GRACE).toNanos()).count();
    long real = samples.stream().filter(sample -> sample.outcome() == Outcome.REAL).count();
    report.bar(samples.size() >= LEAST_QUERIES, "queries since it stopped: %,d (%,d)".formatted(samples.size(), LEAST_QUERIES));
    report.bar(failed == 0, "failed: %d (0)".formatted(failed));
    report.bar(late == 0, "later than the objective and %d ms: %d (0)".formatted(GRACE.toMillis(), late));
    report.bar(real >= 0.999 * samples.size(), "real predictions: %.2f %% (99.9)".formatted(100.0 * real / Math.max(1, samples.size())));
  }

  /** The status and the words of what feedback is answered by the input. */
  private static String feedback(NodeProcess node) throws IOException {
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      HttpConnection.Answer answer = connection.post("/%s/update".formatted(SERVED.application()), "{\"input\":[1.0],\"label\":1.0}");
      return "%d %s".formatted(answer.status(), answer.body());
    }
  }
}
