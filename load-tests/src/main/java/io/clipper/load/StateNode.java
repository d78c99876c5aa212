package io.clipper.load;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.clipper.load.ClusterClients.Outcome;
import io.clipper.load.ClusterClients.Sample;
import io.clipper.load.PortWatch.Look;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A node that keeps the state in a file, and two that joined it. It is killed: the two answer in time, by the default and why, and say that they
 * are not ready. It is started again: they predict.
 */
final class StateNode implements Scenario {
  private static final Duration SLO = Duration.ofMillis(100);
  private static final Duration GRACE = Duration.ofMillis(50);
  private static final Served SERVED = new Served("shop", SLO, List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), Served.Simulated.fast(2)));
  private static final String STATE = "state";
  private static final List<String> JOINED = List.of("b", "c");
  private static final int CLIENTS = 4;
  private static final Duration LABEL_AFTER = Duration.ofSeconds(5);
  private static final Duration STEADY = Duration.ofSeconds(10);
  /** Long enough for the two to learn that they are cut off, to end, and to serve again. */
  private static final Duration WITHOUT = Duration.ofSeconds(60);
  private static final Duration BACK = Duration.ofSeconds(60);
  /** From the kill on; others notice that a node is out of reach. */
  private static final double MOST_SECONDS_READY = 10;
  /** While a node that was cut off ends its system and starts another. */
  private static final double MOST_SECONDS_CLOSED = 5;
  private static final double MOST_SECONDS_BACK = 30;
  private static final int LEAST_QUERIES = 2_000;

  @Override
  public String name() {
    return "state-node";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Map<String, PortWatch> watches = new TreeMap<>();
    try (ClusterNodes nodes = new ClusterNodes(folder, Optional.empty(), SERVED, ClusterNodes.Place.here(List.of(STATE, JOINED.get(0), JOINED.get(1))));
        ClusterClients clients = new ClusterClients(SERVED.application(), LABEL_AFTER.toNanos())) {
      nodes.startAll(clients, CLIENTS);
      JOINED.forEach(name -> watches.put(name, new PortWatch(name, nodes.process(name))));
      TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
      long killed = System.nanoTime();
      nodes.process(STATE).kill();
      clients.isGone(STATE);
      TimeUnit.NANOSECONDS.sleep(WITHOUT.toNanos());
      long started = System.nanoTime();
      NodeProcess again = nodes.start(STATE);
      report.line("the state node serves %.1f s after its start".formatted(seconds(started, System.nanoTime())));
      clients.isAt(STATE, again.queryAddress());
      TimeUnit.NANOSECONDS.sleep(BACK.toNanos());
      for (String name : JOINED) {
        List<Sample> samples = clients.samples().stream().filter(sample -> sample.node().equals(name) && sample.at() >= killed).toList();
        List<Look> looks = Optional.ofNullable(watches.get(name)).orElseThrow().looks().stream().filter(look -> look.from() >= killed).toList();
        judgeWithout(name, killed, samples.stream().filter(sample -> sample.at() < started).toList(), report);
        judgePorts(name, killed, looks.stream().filter(look -> look.until() < started).toList(), report);
        judgeBack(name, started, samples, looks, report);
      }
    } finally {
      watches.values().forEach(PortWatch::close);
    }
  }

  private static void judgeWithout(String name, long killed, List<Sample> samples, Report report) {
    Map<Outcome, Long> outcomes = samples.stream().collect(groupingBy(Sample::outcome, counting()));
    List<Sample> answered = samples.stream().filter(sample -> sample.outcome() != Outcome.BROKEN).toList();
    List<Sample> defaults = samples.stream().filter(sample -> sample.outcome() == Outcome.DEFAULT).toList();
    double lastReal = seconds(killed, samples.stream().filter(sample -> sample.outcome() == Outcome.REAL).mapToLong(Sample::at).max().orElse(killed));
    long late = answered.stream().filter(sample -> sample.tookNanos() > SLO.plus(GRACE).toNanos()).count();
    long longest = answered.stream().mapToLong(Sample::tookNanos).max().orElse(0);
    long broken = outcomes.getOrDefault(Outcome.BROKEN, 0L);
    report.line("%s: answers while the state node is gone: %s; the last real one after %.1f s".formatted(name, outcomes, lastReal));
    report.line("%s: defaults by their reasons: %s".formatted(name, defaults.stream().collect(groupingBy(Sample::reason, counting()))));
    report.bar(answered.size() >= LEAST_QUERIES, "%s: answers: %,d (%,d)".formatted(name, answered.size(), LEAST_QUERIES));
    report.bar(late == 0, "%s: later than the objective and %d ms: %d (0); the longest %.0f ms".formatted(name, GRACE.toMillis(), late, longest / 1e6));
    report.bar(outcomes.getOrDefault(Outcome.FAILED, 0L) == 0, "%s: answered by an error: %d (0)".formatted(name, outcomes.getOrDefault(Outcome.FAILED, 0L)));
    report.bar(broken <= CLIENTS, "%s: under way when its ports closed: %d (one on each of %d connections)".formatted(name, broken, CLIENTS));
    report.bar(defaults.stream().noneMatch(sample -> sample.reason().isBlank()), "%s: each default says why".formatted(name));
    report.bar(lastReal <= MOST_SECONDS_READY, "%s: nothing but defaults after %.1f s (%.0f)".formatted(name, lastReal, MOST_SECONDS_READY));
  }

  private static void judgePorts(String name, long killed, List<Look> looks, Report report) {
    List<Look> open = looks.stream().filter(Look::isOpen).toList();
    double unready = secondsUntil(killed, open, look -> look.status() == 503).orElse(Double.POSITIVE_INFINITY);
    List<Look> ready = open.stream().filter(look -> look.status() != 503 && seconds(killed, look.from()) > unready).toList();
    double closed = PortWatch.longestClosedSeconds(looks);
    report.line("%s: /health/ready said: %s".formatted(name, open.stream().filter(look -> look.status() == 503).collect(groupingBy(Look::reason, counting()))));
    report.bar(unready <= MOST_SECONDS_READY, "%s: /health/ready is 503 after %.1f s (%.0f)".formatted(name, unready, MOST_SECONDS_READY));
    report.bar(ready.isEmpty(), "%s: and was something else after that: %d of %,d times (0)".formatted(name, ready.size(), open.size()));
    report.bar(
        open.stream().filter(look -> look.status() == 503).noneMatch(look -> look.reason().isBlank()), "%s: it says why each time".formatted(name));
    report.bar(closed <= MOST_SECONDS_CLOSED, "%s: its ports were closed for %.1f s at most (%.0f)".formatted(name, closed, MOST_SECONDS_CLOSED));
  }

  private static void judgeBack(String name, long started, List<Sample> samples, List<Look> looks, Report report) {
    double real =
        samples.stream()
            .filter(sample -> sample.at() >= started && sample.outcome() == Outcome.REAL)
            .mapToDouble(sample -> seconds(started, sample.at()))
            .min()
            .orElse(Double.POSITIVE_INFINITY);
    double ready = secondsUntil(started, looks, look -> look.from() >= started && look.status() == 200).orElse(Double.POSITIVE_INFINITY);
    report.bar(real <= MOST_SECONDS_BACK, "%s: real predictions %.1f s after the state node's start (%.0f)".formatted(name, real, MOST_SECONDS_BACK));
    report.bar(ready <= MOST_SECONDS_BACK, "%s: /health/ready is 200 %.1f s after it (%.0f)".formatted(name, ready, MOST_SECONDS_BACK));
    List<Sample> last = samples.stream().filter(sample -> seconds(started, sample.at()) > MOST_SECONDS_BACK).toList();
    long lastReal = last.stream().filter(sample -> sample.outcome() == Outcome.REAL).count();
    report.bar(lastReal >= 0.99 * last.size() && !last.isEmpty(), "%s: real after that: %,d of %,d (99 %%)".formatted(name, lastReal, last.size()));
  }

  private static OptionalDouble secondsUntil(long from, List<Look> looks, Predicate<Look> condition) {
    return looks.stream().filter(condition).mapToDouble(look -> seconds(from, look.until())).min();
  }

  private static double seconds(long from, long until) {
    return (until - from) / 1e9;
  }
}
