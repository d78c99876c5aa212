package io.clipper.load;

import io.clipper.load.ClusterClients.Outcome;
import io.clipper.load.ClusterClients.Receipt;
import io.clipper.load.ClusterClients.Sample;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Three nodes over one PostgreSQL under steady load are replaced one by one, as by a new release: each is told to stop, drains, and starts
 * again. Clients that look at {@code /health/ready} see no failure, and labels that come 30 s after their query find it.
 */
final class RollingChange implements Scenario {
  private static final Served SERVED =
      new Served("shop", Duration.ofMillis(100), List.of(Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)));
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final int CLIENTS = 4;
  private static final Duration LABEL_AFTER = Duration.ofSeconds(30);
  private static final Duration STEADY = Duration.ofSeconds(10);
  private static final int LEAST_QUERIES = 10_000;

  @Override
  public String name() {
    return "rolling";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Map<String, Readiness> watched = new HashMap<>();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        ClusterNodes nodes = new ClusterNodes(folder, Optional.of(postgres.getJdbcUrl("postgres", "postgres")), SERVED);
        ClusterClients clients = new ClusterClients(SERVED.application(), LABEL_AFTER.toNanos())) {
      for (String name : NAMES) {
        watched.put(name, new Readiness(name, nodes.start(name, ClusterNodes.Place.here()), clients));
      }
      nodes.scale(NAMES.getFirst(), NAMES.size());
      clients.start(NAMES, CLIENTS);
      TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      for (String name : NAMES) {
        long began = System.nanoTime();
        nodes.process(name).stop();
        Optional.ofNullable(watched.get(name)).ifPresent(Readiness::close);
        long stopped = System.nanoTime();
        NodeProcess again = nodes.startAgain(name);
        report.line("%s: stopped after %.1f s, serves again %.1f s later".formatted(name, (stopped - began) / 1e9, (System.nanoTime() - stopped) / 1e9));
        watched.put(name, new Readiness(name, again, clients));
        TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      }
      clients.stopAsking();
      clients.awaitLabels();
      judge(nodes, clients, report);
    } finally {
      watched.values().forEach(Readiness::close);
    }
  }

  private static void judge(ClusterNodes nodes, ClusterClients clients, Report report) throws IOException {
    List<Sample> samples = clients.samples();
    long failed = samples.stream().filter(sample -> sample.outcome() == Outcome.FAILED || sample.outcome() == Outcome.BROKEN).count();
    long defaults = samples.stream().filter(sample -> sample.outcome() == Outcome.DEFAULT).count();
    long joined = clients.receipts().stream().filter(Receipt::observed).count();
    long labels = clients.receipts().size() + clients.givenUp();
    report.line("%,d queries, %.2f %% defaults, %,d labels".formatted(samples.size(), 100.0 * defaults / Math.max(1, samples.size()), labels));
    report.bar(samples.size() >= LEAST_QUERIES, "queries in all: %,d (%,d)".formatted(samples.size(), LEAST_QUERIES));
    report.bar(failed == 0, "failed: %d (0)".formatted(failed));
    report.bar(joined >= 0.99 * labels, "labels that joined: %.2f %% (99)".formatted(100.0 * joined / Math.max(1, labels)));
    long learned = nodes.observations(NAMES.getFirst());
    report.bar(learned >= joined, "acknowledged and lost: %d (0)".formatted(Math.max(0, joined - learned)));
  }
}
