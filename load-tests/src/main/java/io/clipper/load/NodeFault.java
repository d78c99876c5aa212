package io.clipper.load;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.clipper.load.ClusterClients.Outcome;
import io.clipper.load.ClusterClients.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Something that happens to one node while clients ask all of them, and the bars of what the others answer in the time after it: within the
 * objective or by the default, really again within 2 s, and learning again within 25 s. Of one that is killed nothing fails but what was
 * under way there.
 *
 * @param clientsOfEach how many connections each node has, with one query on each at a time
 * @param watched how long after a fault answers count
 */
record NodeFault(ClusterNodes nodes, ClusterClients clients, int clientsOfEach, Duration objective, Duration watched, Report report) {
  /** An answer may be so much later than the objective: the node's grace, and what a busy machine takes. */
  private static final Duration GRACE = Duration.ofMillis(50);

  /** Fewer in the time after a fault say nothing: the clients send several times as many. */
  private static final int LEAST_QUERIES = 2_000;

  private static final Duration BUCKET = Duration.ofMillis(100);

  /** What breaks something. */
  private interface Breaking {
    void happen() throws IOException, InterruptedException;
  }

  /** Leaves it dead. */
  void kill(String name, String role) throws IOException, InterruptedException {
    String what = "kill -9 of %s, %s".formatted(name, role);
    long inFlight = clients.inFlight(name);
    long at = System.nanoTime();
    judge(
        what,
        name,
        () -> {
          nodes.kill(name);
          clients.isGone(name);
        });
    List<Sample> own = clients.samples().stream().filter(sample -> sample.node().equals(name) && sample.at() + sample.tookNanos() >= at).toList();
    long broken = own.stream().filter(sample -> sample.outcome() == Outcome.BROKEN).count();
    long refused = own.stream().filter(sample -> sample.outcome() == Outcome.FAILED).count();
    report.bar(
        broken <= clientsOfEach && refused == 0,
        "%s: failed of its own clients: %d, of which %d were under way a moment before (one on each of %d connections), and %d refused (0)"
            .formatted(what, broken, inFlight, clientsOfEach, refused));
  }

  /** One that was killed, and its clients come back. */
  void start(String name) throws IOException {
    clients.isAt(name, nodes.start(name).queryAddress());
  }

  /** Leaves it stopped. */
  void stop(String name, String role) throws IOException, InterruptedException {
    judge("SIGSTOP of %s, %s".formatted(name, role), name, () -> nodes.process(name).signal("STOP"));
  }

  private void judge(String what, String victim, Breaking fault) throws IOException, InterruptedException {
    long at = System.nanoTime();
    clients.fault();
    fault.happen();
    TimeUnit.NANOSECONDS.sleep(watched.toNanos());
    long until = System.nanoTime();
    clients.awaitAnswers(victim);
    List<Sample> others =
        clients.samples().stream().filter(sample -> !sample.node().equals(victim) && sample.at() >= at && sample.at() < until).toList();
    long failed = others.stream().filter(Sample::isFailure).count();
    long late = others.stream().filter(sample -> sample.tookNanos() > objective.plus(GRACE).toNanos()).count();
    long longest = others.stream().mapToLong(Sample::tookNanos).max().orElse(0);
    List<Sample> defaults = others.stream().filter(sample -> sample.outcome() == Outcome.DEFAULT).toList();
    Map<String, Long> reasons = defaults.stream().collect(groupingBy(Sample::reason, counting()));
    List<Weak> weak = weak(others, at);
    Weak last = weak.isEmpty() ? new Weak(0, 0, 0) : weak.getLast();
    double learningAfter = ClusterLearning.secondsUntilLearning(clients, at + objective.toNanos());
    report.line(
        "%s: %,d queries at the others, %.2f %% defaults, longest %.0f ms"
            .formatted(what, others.size(), 100.0 * defaults.size() / Math.max(1, others.size()), longest / 1e6));
    report.line("%s: defaults by their reasons: %s".formatted(what, reasons));
    report.line("%s: tenths of a second of few real answers, as real/all after so many seconds: %s".formatted(what, weak));
    report.bar(others.size() >= LEAST_QUERIES, "%s: queries at the others: %,d (%,d)".formatted(what, others.size(), LEAST_QUERIES));
    report.bar(failed == 0, "%s: failed at the others: %d (0)".formatted(what, failed));
    report.timeBar(late == 0, "%s: later than the objective and %d ms at the others: %d (0)".formatted(what, GRACE.toMillis(), late));
    report.timeBar(
        last.until() <= 2,
        "%s: real predictions again after %.1f s (2); before that %d of %d".formatted(what, last.until(), last.real(), last.all()));
    report.timeBar(learningAfter <= 25, "%s: learning again after %.1f s (25)".formatted(what, learningAfter));
  }

  /**
   * A tenth of a second in which fewer than nine of ten answers were real, or no client could ask as all of them waited.
   *
   * @param until its end, in seconds after the fault
   */
  private record Weak(double until, int real, int all) {
    @Override
    public String toString() {
      return "%d/%d %.1f".formatted(real, all, until);
    }
  }

  private static List<Weak> weak(List<Sample> samples, long from) {
    long until = samples.stream().mapToLong(Sample::at).max().orElse(from);
    int buckets = (int) ((until - from) / BUCKET.toNanos());
    int[] all = new int[buckets + 1];
    int[] real = new int[buckets + 1];
    for (Sample sample : samples) {
      int bucket = (int) ((sample.at() - from) / BUCKET.toNanos());
      all[bucket]++;
      real[bucket] += sample.outcome() == Outcome.REAL ? 1 : 0;
    }
    List<Weak> weak = new ArrayList<>();
    for (int i = 0; i < buckets; i++) {
      if (real[i] < 0.9 * all[i] || all[i] == 0) {
        weak.add(new Weak((i + 1) * BUCKET.toMillis() / 1000.0, real[i], all[i]));
      }
    }
    return weak;
  }
}
