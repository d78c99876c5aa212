package io.clipper.load;

import io.clipper.load.ClusterClients.Outcome;
import io.clipper.load.ClusterClients.Receipt;
import io.clipper.load.ClusterClients.Sample;
import io.clipper.node.command.HostPort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
  private static final int SENT_AGAIN_AT_ONCE = 16;
  private static final Duration LABEL_AFTER = Duration.ofSeconds(30);
  /** An answer may be so much later than the objective: the node's grace, and what a busy machine takes. */
  private static final Duration GRACE = Duration.ofMillis(50);

  /** Fewer in the time after a fault say nothing: the clients send several times as many. */
  private static final int LEAST_QUERIES = 2_000;

  private static final Duration LABELS_LAST = Duration.ofSeconds(90);
  private static final Duration STEADY = Duration.ofSeconds(10);
  private static final Duration AFTER_FAULT = Duration.ofSeconds(35);
  private static final Duration BUCKET = Duration.ofMillis(100);

  private final Map<String, NodeProcess> nodes = new LinkedHashMap<>();
  private final Map<String, Ports> ports = new LinkedHashMap<>();
  private final ClusterClients clients = new ClusterClients("shop", LABEL_AFTER.toNanos());

  /** Of a node in all its lives: one that its cluster cut off comes back by itself, where its clients look for it. */
  private record Ports(int http, int cluster) {}

  @Override
  public String name() {
    return "cluster-faults";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        ClusterClients closing = clients) {
      String jdbc = postgres.getJdbcUrl("postgres", "postgres");
      List<Integer> free = FixedPorts.free(2 * NAMES.size());
      for (int i = 0; i < NAMES.size(); i++) {
        ports.put(NAMES.get(i), new Ports(free.get(2 * i), free.get(2 * i + 1)));
        start(folder, NAMES.get(i), jdbc);
      }
      scale(NAMES.size());
      closing.start(NAMES, CLIENTS);
      TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      for (String name : NAMES) {
        fault("kill -9 of " + name, name, report, () -> kill(name));
        start(folder, name, jdbc);
        TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      }
      stopAndContinue("b", report);
      boolean settled = clients.finish(LABELS_LAST);
      report.bar(settled, "every label was taken or given up within %d s".formatted(LABELS_LAST.toSeconds()));
      judgeLearning(report);
    } finally {
      nodes.values().forEach(NodeProcess::close);
    }
  }

  /** What breaks something. */
  private interface Fault {
    void happen() throws IOException, InterruptedException;
  }

  private void fault(String what, String victim, Report report, Fault fault) throws IOException, InterruptedException {
    long at = System.nanoTime();
    fault.happen();
    TimeUnit.NANOSECONDS.sleep(AFTER_FAULT.toNanos());
    long until = System.nanoTime();
    clients.awaitAnswers(victim);
    List<Sample> others = clients.samples().stream().filter(sample -> !sample.node().equals(victim) && sample.at() >= at && sample.at() < until).toList();
    long failed = others.stream().filter(sample -> sample.outcome() == Outcome.FAILED || sample.outcome() == Outcome.BROKEN).count();
    long late = others.stream().filter(sample -> sample.tookNanos() > SLO.plus(GRACE).toNanos()).count();
    long defaults = others.stream().filter(sample -> sample.outcome() == Outcome.DEFAULT).count();
    long longest = others.stream().mapToLong(Sample::tookNanos).max().orElse(0);
    double real = secondsUntilReal(others, at);
    double learning = clients.receipts().stream().filter(receipt -> receipt.observed() && receipt.at() > at + SLO.toNanos()).mapToLong(Receipt::at).min().orElse(Long.MAX_VALUE);
    double learningAfter = (learning - at) / 1e9;
    report.line(
        "%s: %,d queries at the others, %.2f %% defaults, longest %.0f ms".formatted(what, others.size(), 100.0 * defaults / Math.max(1, others.size()), longest / 1e6));
    report.bar(others.size() >= LEAST_QUERIES, "%s: queries at the others: %,d (%,d)".formatted(what, others.size(), LEAST_QUERIES));
    report.bar(failed == 0, "%s: failed at the others: %d (0)".formatted(what, failed));
    report.bar(late == 0, "%s: later than the objective and %d ms at the others: %d (0)".formatted(what, GRACE.toMillis(), late));
    report.bar(real <= 2, "%s: real predictions again after %.1f s (2)".formatted(what, real));
    report.bar(learningAfter <= 25, "%s: learning again after %.1f s (25)".formatted(what, learningAfter));
  }

  /** Until the first tenth of a second, after the last with fewer, in which nine of ten answers are real; 0 where none had fewer. */
  private static double secondsUntilReal(List<Sample> samples, long from) {
    long until = samples.stream().mapToLong(Sample::at).max().orElse(from);
    int buckets = (int) ((until - from) / BUCKET.toNanos());
    int[] all = new int[buckets + 1];
    int[] real = new int[buckets + 1];
    for (Sample sample : samples) {
      int bucket = (int) ((sample.at() - from) / BUCKET.toNanos());
      all[bucket]++;
      real[bucket] += sample.outcome() == Outcome.REAL ? 1 : 0;
    }
    int last = -1;
    for (int i = 0; i < buckets; i++) {
      if (real[i] < 0.9 * all[i] || all[i] == 0) {
        last = i;
      }
    }
    return (last + 1) * BUCKET.toMillis() / 1000.0;
  }

  private void stopAndContinue(String name, Report report) throws IOException, InterruptedException {
    NodeProcess node = node(name);
    fault("SIGSTOP of " + name, name, report, () -> node.signal("STOP"));
    node.signal("CONT");
    long continued = System.nanoTime();
    TimeUnit.SECONDS.sleep(40);
    boolean serves =
        clients.samples().stream().anyMatch(sample -> sample.node().equals(name) && sample.at() > continued && sample.outcome() == Outcome.REAL);
    report.bar(node.isAlive(), "%s lives on after SIGCONT".formatted(name));
    report.bar(serves, "%s joined again and predicts".formatted(name));
    report.bar(members("a") == NAMES.size(), "members after that: %d (%d)".formatted(members("a"), NAMES.size()));
  }

  private void judgeLearning(Report report) throws IOException, InterruptedException {
    long joined = clients.receipts().stream().filter(Receipt::observed).count();
    long all = clients.receipts().size() + clients.givenUp();
    long learned = observations("a");
    report.line("%,d labels, half of them %d s late: %,d joined, %,d not, %,d that no node took".formatted(all, LABEL_AFTER.toSeconds(), joined, all - joined - clients.givenUp(), clients.givenUp()));
    report.bar(all >= LEAST_QUERIES, "labels: %,d (%,d)".formatted(all, LEAST_QUERIES));
    report.bar(joined >= 0.99 * all, "labels that joined: %.2f %% (99)".formatted(100.0 * joined / Math.max(1, all)));
    report.bar(learned >= joined, "acknowledged, and not in the count of what was learned: %,d (0)".formatted(Math.max(0, joined - learned)));
    long lost = clients.lost(node("a").queryAddress(), SENT_AGAIN_AT_ONCE);
    report.bar(lost == 0, "acknowledged, sent again, and not known as counted: %,d (0)".formatted(lost));
  }

  private void start(Path folder, String name, String jdbc) throws IOException {
    List<HostPort> join = name.equals(NAMES.getFirst()) ? List.of() : List.of(new HostPort("127.0.0.1", ports(NAMES.getFirst()).cluster()));
    ClusterWords words = new ClusterWords(Optional.of(ports(name).http()), Optional.of(ports(name).cluster()), Optional.of(jdbc), join);
    NodeProcess node = nodes.isEmpty() ? NodeProcess.start(folder.resolve(name), words, SERVED) : NodeProcess.start(folder.resolve(name), words);
    nodes.put(name, node);
    clients.isAt(name, node.queryAddress());
  }

  private void kill(String name) {
    clients.isGone(name);
    node(name).kill();
  }

  private NodeProcess node(String name) {
    return Optional.ofNullable(nodes.get(name)).orElseThrow();
  }

  private Ports ports(String name) {
    return Optional.ofNullable(ports.get(name)).orElseThrow();
  }

  private void scale(int replicas) throws IOException, InterruptedException {
    try (HttpConnection admin = new HttpConnection(node(NAMES.getFirst()).adminAddress())) {
      List<String> models = new ArrayList<>();
      for (int i = 1; i <= SERVED.models().size(); i++) {
        models.add("shop-model-" + i);
        admin.post("/admin/scale", "{\"model_name\":\"shop-model-%d\",\"replicas\":%d}".formatted(i, replicas));
      }
      for (int i = 0; i < 100 && ready(admin) < (long) replicas * models.size(); i++) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private static long ready(HttpConnection admin) throws IOException {
    long ready = 0;
    for (var replica : admin.post("/admin/get_replicas", "{}").body()) {
      ready += replica.path("state").asText().equals("ready") ? 1 : 0;
    }
    return ready;
  }

  private int members(String name) throws IOException {
    try (HttpConnection admin = new HttpConnection(node(name).adminAddress())) {
      return admin.post("/admin/get_cluster", "{}").body().path("members").size();
    }
  }

  private long observations(String name) throws IOException {
    try (HttpConnection admin = new HttpConnection(node(name).adminAddress())) {
      return admin.post("/admin/get_state", "{\"app_name\":\"shop\"}").body().path("observations").asLong(-1);
    }
  }
}
