package io.clipper.load;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.clipper.load.ClusterClients.Outcome;
import io.clipper.load.ClusterClients.Sample;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
  /** An answer may be so much later than the objective: the node's grace, and what a busy machine takes. */
  private static final Duration GRACE = Duration.ofMillis(50);

  /** Fewer in the time after a fault say nothing: the clients send several times as many. */
  private static final int LEAST_QUERIES = 2_000;

  private static final Duration STEADY = Duration.ofSeconds(10);
  private static final Duration AFTER_FAULT = Duration.ofSeconds(35);
  private static final Duration BUCKET = Duration.ofMillis(100);

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
      for (String name : NAMES) {
        kill(name, nodes, clients, report);
        TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      }
      stopAndContinue("b", nodes, clients, report);
      ClusterLearning.judge(nodes, clients, 99, report);
    }
  }

  /** And starts it again, where the others have gone on without it for a while. */
  static void kill(String name, ClusterNodes nodes, ClusterClients clients, Report report) throws IOException, InterruptedException {
    fault(
        "kill -9 of " + name,
        name,
        clients,
        report,
        () -> {
          clients.isGone(name);
          nodes.process(name).kill();
        });
    clients.isAt(name, nodes.start(name).queryAddress());
  }

  /** What breaks something. */
  private interface Fault {
    void happen() throws IOException, InterruptedException;
  }

  private static void fault(String what, String victim, ClusterClients clients, Report report, Fault fault) throws IOException, InterruptedException {
    long at = System.nanoTime();
    fault.happen();
    TimeUnit.NANOSECONDS.sleep(AFTER_FAULT.toNanos());
    long until = System.nanoTime();
    clients.awaitAnswers(victim);
    List<Sample> others = clients.samples().stream().filter(sample -> !sample.node().equals(victim) && sample.at() >= at && sample.at() < until).toList();
    long failed = others.stream().filter(Sample::isFailure).count();
    long late = others.stream().filter(sample -> sample.tookNanos() > SLO.plus(GRACE).toNanos()).count();
    long defaults = others.stream().filter(sample -> sample.outcome() == Outcome.DEFAULT).count();
    long longest = others.stream().mapToLong(Sample::tookNanos).max().orElse(0);
    Weak weak = lastWeak(others, at);
    double learningAfter = ClusterLearning.secondsUntilLearning(clients, at + SLO.toNanos());
    report.line(
        "%s: %,d queries at the others, %.2f %% defaults, longest %.0f ms".formatted(what, others.size(), 100.0 * defaults / Math.max(1, others.size()), longest / 1e6));
    Map<String, Long> reasons = others.stream().filter(sample -> sample.outcome() == Outcome.DEFAULT).collect(groupingBy(Sample::reason, counting()));
    report.line("%s: defaults by their reasons: %s".formatted(what, reasons));
    report.bar(others.size() >= LEAST_QUERIES, "%s: queries at the others: %,d (%,d)".formatted(what, others.size(), LEAST_QUERIES));
    report.bar(failed == 0, "%s: failed at the others: %d (0)".formatted(what, failed));
    report.bar(late == 0, "%s: later than the objective and %d ms at the others: %d (0)".formatted(what, GRACE.toMillis(), late));
    report.bar(
        weak.until() <= 2,
        "%s: real predictions again after %.1f s (2); before that %d of %d".formatted(what, weak.until(), weak.real(), weak.all()));
    report.bar(learningAfter <= 25, "%s: learning again after %.1f s (25)".formatted(what, learningAfter));
  }

  /**
   * The last tenth of a second in which fewer than nine of ten answers were real, or no client could ask as all of them waited.
   *
   * @param until its end, in seconds after the fault; 0 where there was none
   */
  private record Weak(double until, int real, int all) {}

  private static Weak lastWeak(List<Sample> samples, long from) {
    long until = samples.stream().mapToLong(Sample::at).max().orElse(from);
    int buckets = (int) ((until - from) / BUCKET.toNanos());
    int[] all = new int[buckets + 1];
    int[] real = new int[buckets + 1];
    for (Sample sample : samples) {
      int bucket = (int) ((sample.at() - from) / BUCKET.toNanos());
      all[bucket]++;
      real[bucket] += sample.outcome() == Outcome.REAL ? 1 : 0;
    }
    Weak last = new Weak(0, 0, 0);
    for (int i = 0; i < buckets; i++) {
      if (real[i] < 0.9 * all[i] || all[i] == 0) {
        last = new Weak((i + 1) * BUCKET.toMillis() / 1000.0, real[i], all[i]);
      }
    }
    return last;
  }

  private static void stopAndContinue(String name, ClusterNodes nodes, ClusterClients clients, Report report) throws IOException, InterruptedException {
    NodeProcess node = nodes.process(name);
    fault("SIGSTOP of " + name, name, clients, report, () -> node.signal("STOP"));
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
