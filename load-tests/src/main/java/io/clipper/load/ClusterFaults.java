package io.clipper.load;

import io.clipper.load.ClusterClients.Outcome;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Three nodes over one PostgreSQL under steady load on all: each is killed in turn, so that the oldest, the one with the catalog and the one
 * with the busy loop are all among them, and started again; then one is stopped by a signal for 30 s and goes on. The others answer within
 * the objective or by the default, predict again within 2 s, learn again within 25 s, and nothing that was acknowledged is lost.
 */
final class ClusterFaults implements Scenario {
  private static final Duration SLO = Duration.ofMillis(100);
  private static final Served SERVED =
      new Served(
          "shop", SLO, List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)));
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final int CLIENTS = 4;
  private static final Duration LABEL_AFTER = Duration.ofSeconds(30);
  private static final Duration STEADY = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "cluster-faults";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        ClusterNodes nodes =
            new ClusterNodes(folder, Optional.of(postgres.getJdbcUrl("postgres", "postgres")), SERVED, ClusterNodes.Place.here(NAMES));
        ClusterClients clients = new ClusterClients(SERVED.application(), LABEL_AFTER.toNanos())) {
      nodes.startAll(clients, CLIENTS);
      TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      NodeFault fault = new NodeFault(nodes, clients, SLO, report);
      for (String name : NAMES) {
        fault.kill(name);
        TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      }
      fault.stop("b");
      proceed("b", nodes, clients, report);
      ClusterLearning.judge(nodes, clients, 99, report);
    }
  }

  /** One that was stopped. */
  private static void proceed(String name, ClusterNodes nodes, ClusterClients clients, Report report) throws IOException, InterruptedException {
    NodeProcess node = nodes.process(name);
    node.signal("CONT");
    long continued = System.nanoTime();
    TimeUnit.SECONDS.sleep(40);
    boolean serves =
        clients.samples().stream().anyMatch(sample -> sample.node().equals(name) && sample.at() > continued && sample.outcome() == Outcome.REAL);
    report.bar(node.isAlive(), "%s lives on after SIGCONT".formatted(name));
    report.bar(serves, "%s joined again and predicts".formatted(name));
    List<String> members = nodes.members("a");
    report.bar(members.size() == NAMES.size(), "members after that: %s (%d)".formatted(members, NAMES.size()));
  }
}
