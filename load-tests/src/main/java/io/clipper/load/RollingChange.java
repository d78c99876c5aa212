package io.clipper.load;

import io.clipper.load.ClusterClients.Outcome;
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
    Map<String, ReadinessWatch> watched = new HashMap<>();
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        ClusterNodes nodes = new ClusterNodes(folder, Optional.of(postgres.getJdbcUrl("postgres", "postgres")), SERVED, ClusterNodes.Place.here(NAMES));
        ClusterClients clients = new ClusterClients(SERVED.application(), LABEL_AFTER.toNanos())) {
      for (String name : NAMES) {
        watched.put(name, new ReadinessWatch(name, nodes.start(name), clients));
      }
      nodes.scale(NAMES.getFirst(), NAMES.size());
      clients.start(NAMES, CLIENTS);
      TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      for (String name : NAMES) {
        long began = System.nanoTime();
        nodes.process(name).stop();
        Optional.ofNullable(watched.get(name)).ifPresent(ReadinessWatch::close);
        long stopped = System.nanoTime();
        NodeProcess again = nodes.start(name);
        report.line("%s: stopped after %.1f s, serves again %.1f s later".formatted(name, (stopped - began) / 1e9, (System.nanoTime() - stopped) / 1e9));
        watched.put(name, new ReadinessWatch(name, again, clients));
        TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      }
      ClusterLearning.judge(nodes, clients, 99, report);
      judge(clients.samples(), report);
    } finally {
      watched.values().forEach(ReadinessWatch::close);
    }
  }

  private static void judge(List<Sample> samples, Report report) {
    long failed = samples.stream().filter(Sample::isFailure).count();
    long defaults = samples.stream().filter(sample -> sample.outcome() == Outcome.DEFAULT).count();
    report.line("%,d queries, %.2f %% defaults".formatted(samples.size(), 100.0 * defaults / Math.max(1, samples.size())));
    report.bar(samples.size() >= LEAST_QUERIES, "queries in all: %,d (%,d)".formatted(samples.size(), LEAST_QUERIES));
    report.bar(failed == 0, "failed: %d (0)".formatted(failed));
  }
}
