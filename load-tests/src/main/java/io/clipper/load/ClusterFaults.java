package io.clipper.load;

import io.clipper.load.ClusterClients.Outcome;
import io.clipper.load.ClusterClients.Sample;
import io.clipper.load.EntityRecorder.Sighting;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Three nodes over one PostgreSQL under steady load on all: the oldest is killed, the one with the catalog, and the one with the busy loop, and
 * each is started again; then the one with the loop is stopped by a signal for 35 s and goes on. The others answer within the objective or by the
 * default, predict again within 2 s, learn again within 25 s, and nothing that was acknowledged is lost: what was learned is to the bit what
 * its journal says, and what one node would have learned.
 */
final class ClusterFaults implements Scenario {
  private static final Duration SLO = Duration.ofMillis(100);

  /** So small that after a hundred thousand labels each model still has a part, and each label moves the weights. */
  private static final double ETA = 2e-5;

  private static final Served SERVED =
      new Served(
              "shop", SLO, List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)))
          .learningBy(ETA);
  private static final String LOOP = LiveEntities.loopOf(SERVED.application());
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final int CLIENTS = 4;
  private static final Duration RESUMED = Duration.ofSeconds(40);
  /** One that others took for gone knows so by then. */
  private static final Duration STALE = Duration.ofSeconds(5);

  private static final Duration REPLAYED = Duration.ofSeconds(60);

  private final List<ClusterRole> kills;
  private final Duration steady;
  private final Duration watched;
  private final Duration labelAfter;
  private final boolean whole;

  private ClusterFaults(List<ClusterRole> kills, Duration steady, Duration watched, Duration labelAfter, boolean whole) {
    this.kills = kills;
    this.steady = steady;
    this.watched = watched;
    this.labelAfter = labelAfter;
    this.whole = whole;
  }

  static ClusterFaults all() {
    return new ClusterFaults(List.of(ClusterRole.values()), Duration.ofSeconds(10), Duration.ofSeconds(35), Duration.ofSeconds(30), true);
  }

  /** Only the loop's node is killed, nobody is stopped, and the journal is replayed once. */
  static ClusterFaults brief() {
    return new ClusterFaults(List.of(ClusterRole.LOOP), Duration.ofSeconds(3), Duration.ofSeconds(26), Duration.ofSeconds(5), false);
  }

  @Override
  public String name() {
    return "cluster-faults";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
      run(folder, postgres.getJdbcUrl("postgres", "postgres"), report);
    } catch (SQLException failed) {
      throw new IOException(failed);
    }
  }

  private void run(Path folder, String jdbc, Report report) throws IOException, InterruptedException, SQLException {
    try (ClusterNodes nodes = new ClusterNodes(folder, Optional.of(jdbc), SERVED, ClusterNodes.Place.here(NAMES));
        ClusterClients clients = new ClusterClients(SERVED.application(), labelAfter.toNanos())) {
      nodes.startAll(clients, CLIENTS);
      try (KeptJournal kept = KeptJournal.of(jdbc, SERVED.application());
          JournalWriters writers = JournalWriters.of(jdbc)) {
        TimeUnit.NANOSECONDS.sleep(steady.toNanos());
        NodeFault fault = new NodeFault(nodes, clients, CLIENTS, SLO, watched, report);
        for (ClusterRole role : kills) {
          kill(role, nodes, fault, report);
          TimeUnit.NANOSECONDS.sleep(steady.toNanos());
        }
        if (whole) {
          stop(nodes, clients, fault, report);
        }
        ClusterLearning.judge(nodes, clients, 99, report);
        writers.judge(report);
        replay(nodes, kept, report);
      }
    }
  }

  private void kill(ClusterRole role, ClusterNodes nodes, NodeFault fault, Report report) throws IOException, InterruptedException {
    String victim = role.holder(nodes, NAMES);
    fault.kill(victim, role.toString());
    String next = role.holder(nodes, NAMES.stream().filter(name -> !name.equals(victim)).toList());
    report.bar(!next.equals(victim), "%s: it was %s, as was asked just before the kill; now it is %s".formatted(role, victim, next));
    if (whole) {
      fault.start(victim);
    }
  }

  /** The node with the loop, and lets it go on when the loop runs elsewhere. */
  private static void stop(ClusterNodes nodes, ClusterClients clients, NodeFault fault, Report report) throws IOException, InterruptedException {
    try (EntityRecorder recorder = new EntityRecorder()) {
      for (String name : NAMES) {
        recorder.watch(name, nodes.process(name));
      }
      String victim = ClusterRole.LOOP.holder(nodes, NAMES);
      fault.stop(victim, ClusterRole.LOOP.toString());
      String next = ClusterRole.LOOP.holder(nodes, NAMES.stream().filter(name -> !name.equals(victim)).toList());
      report.line("SIGSTOP: the loop was on %s, and is on %s".formatted(victim, next));
      NodeProcess node = nodes.process(victim);
      node.signal("CONT");
      long continued = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(RESUMED.toNanos());
      judgeEntities(victim, continued, recorder, report);
      judgeServing(victim, continued, clients, report);
      report.bar(node.isAlive(), "SIGCONT: %s lives on".formatted(victim));
      List<String> members = nodes.members(next);
      report.bar(members.equals(List.of("Up", "Up", "Up")), "SIGCONT: members after that: %s".formatted(members));
      report.bar(recorder.failures().isEmpty(), "nodes that could not be asked for their entities: %s".formatted(recorder.failures()));
    }
  }

  /** One that was stopped still has what it had when it goes on: it ends that, and from then on nothing lives twice. */
  private static void judgeEntities(String victim, long continued, EntityRecorder recorder, Report report) {
    List<Sighting> sightings = recorder.since(continued);
    OptionalLong ended =
        sightings.stream().filter(sighting -> sighting.node().equals(victim) && sighting.live().incarnations().isEmpty()).mapToLong(Sighting::until).min();
    double stale = ended.isPresent() ? (ended.getAsLong() - continued) / 1e9 : Double.POSITIVE_INFINITY;
    report.bar(stale <= STALE.toSeconds(), "SIGCONT: %s ended what it had after %.1f s (%d)".formatted(victim, stale, STALE.toSeconds()));
    EntityRecorder.judge("SIGCONT", recorder.since(ended.orElse(continued)), Set.of(LOOP, LiveEntities.CATALOG), report);
  }

  private static void judgeServing(String victim, long continued, ClusterClients clients, Report report) {
    List<Sample> since = clients.samples().stream().filter(sample -> sample.at() > continued).toList();
    List<Sample> others = since.stream().filter(sample -> !sample.node().equals(victim)).toList();
    long failed = others.stream().filter(Sample::isFailure).count();
    boolean serves = since.stream().anyMatch(sample -> sample.node().equals(victim) && sample.outcome() == Outcome.REAL);
    report.bar(!others.isEmpty() && failed == 0, "SIGCONT: failed at the others: %d of %,d (0)".formatted(failed, others.size()));
    report.bar(serves, "SIGCONT: %s joined again and predicts".formatted(victim));
  }

  private void replay(ClusterNodes nodes, KeptJournal kept, Report report) throws IOException, InterruptedException, SQLException {
    String learned = nodes.state(nodes.names().getLast()).toString();
    nodes.killAll();
    if (whole) {
      replay("from the last snapshot on, %,d events before it not read".formatted(kept.deleted()), "from-snapshot", learned, nodes, report);
    }
    replay("of all %,d events".formatted(kept.restore()), "from-first", learned, nodes, report);
  }

  private static void replay(String what, String folder, String learned, ClusterNodes nodes, Report report) throws IOException, InterruptedException {
    long began = System.nanoTime();
    try (NodeProcess fresh = nodes.startFresh(folder)) {
      double serves = (System.nanoTime() - began) / 1e9;
      String replayed = ClusterNodes.state(fresh, SERVED.application()).toString();
      // A node serves while its ledger still reads a long journal, and cannot say until then what was learned.
      while (!replayed.equals(learned) && System.nanoTime() - began < REPLAYED.toNanos()) {
        TimeUnit.MILLISECONDS.sleep(200);
        replayed = ClusterNodes.state(fresh, SERVED.application()).toString();
      }
      report.line("a fresh process serves %.1f s after its start, and has replayed after %.1f s".formatted(serves, (System.nanoTime() - began) / 1e9));
      report.bar(replayed.equals(learned), "replay %s: %s".formatted(what, replayed.equals(learned) ? "the same to the bit" : learned + " became " + replayed));
    }
  }
}
