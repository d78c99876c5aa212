package io.clipper.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * A model that sleeps beyond the objective costs nobody the answer: the others' result comes on time, or, where all sleep, the default
 * with its reason. Nothing is lost and memory does not grow.
 */
final class SlowModel implements Scenario {
  private static final Duration SLO = Duration.ofMillis(50);
  private static final Served.Simulated SLEEPS = new Served.Simulated(2, Duration.ofMillis(200));
  private static final Served SOME =
      new Served("some-sleep", SLO, List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), SLEEPS));
  private static final Served ALL = new Served("all-sleep", SLO, List.of(SLEEPS, SLEEPS, SLEEPS));
  private static final String OTHERS = "\"output\":1.0,\"default\":false";
  private static final int CONNECTIONS = 128;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  /** Full after the warm-up, so that what still grows is no cache. */
  static final String SMALL_CACHES =
      """
      clipper.cache.max-bytes = 1 MiB
      clipper.prediction-log.window-bytes = 1 MiB
      """;

  private final Duration time;
  private final double perSecond;

  SlowModel(Duration time, double perSecond) {
    this.time = time;
    this.perSecond = perSecond;
  }

  @Override
  public String name() {
    return "slow-model";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("settings.conf"), SMALL_CACHES);
    try (NodeProcess node = NodeProcess.start(folder, SOME, ALL)) {
      run(node, SOME, 0.99, report);
      run(node, ALL, 0, report);
    }
  }

  /** @param others the least share of answers that are the others' result; every other answer is the default with its reason */
  private void run(NodeProcess node, Served served, double others, Report report) throws IOException {
    Requests requests = new Requests();
    String path = "/" + served.application() + "/predict";
    HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post(path, requests.predict()), OTHERS);
    load.open(CONNECTIONS, perSecond, Duration.ZERO, WARM_UP);
    Histogram latencies = new Histogram(3);
    long asked = 0;
    long byOthers = 0;
    long byDefault = 0;
    long lost = 0;
    long firstHeap = 0;
    long lastHeap = 0;
    Duration ownPause = Duration.ZERO;
    long nodesPauseMicros = 0;
    for (int third = 1; third <= 3; third++) {
      node.ask("watch-pauses");
      try (PauseMeter pauses = PauseMeter.start()) {
        HttpLoad.Result result = load.open(CONNECTIONS, perSecond, Duration.ZERO, time.dividedBy(3));
        latencies.add(result.latencies());
        asked += result.requests();
        byOthers += result.expected();
        byDefault += result.defaults();
        lost += result.unanswered() + result.failures();
        ownPause = pauses.longest().compareTo(ownPause) > 0 ? pauses.longest() : ownPause;
        nodesPauseMicros = Math.max(nodesPauseMicros, node.ask("longest-pause-micros"));
      }
      // Between the loads, so that the collection is in nobody's latency.
      lastHeap = node.ask("used-heap-bytes");
      firstHeap = third == 1 ? lastHeap : firstHeap;
    }
    report.line(
        "%s, %.0f/s for %d s: longest pause of the load's process %.1f ms, of the node's %.1f ms"
            .formatted(served.application(), perSecond, time.toSeconds(), ownPause.toNanos() / 1e6, nodesPauseMicros / 1e3));
    report.line(
        "%,d answers: p50 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms"
            .formatted(asked, millis(latencies, 50), millis(latencies, 99), millis(latencies, 99.9), millis(latencies, 100)));
    report.bar(lost == 0, "lost or failed: %d (0)".formatted(lost));
    report.bar(
        byOthers + byDefault == asked && byOthers >= others * asked,
        "the others' result %,d, the default with its reason %,d, of %,d".formatted(byOthers, byDefault, asked));
    double slo = SLO.toMillis();
    report.bar(millis(latencies, 99.9) <= slo + 5, "p99.9 %.2f ms (SLO + 5 = %.0f)".formatted(millis(latencies, 99.9), slo + 5));
    report.bar(millis(latencies, 100) <= slo + 50, "latest %.2f ms (SLO + 50 = %.0f)".formatted(millis(latencies, 100), slo + 50));
    report.bar(
        lastHeap <= firstHeap * 1.2,
        "heap after a full collection: %.1f MB after the first third, %.1f MB after the last (+20 %%)".formatted(firstHeap / 1e6, lastHeap / 1e6));
  }

  private static double millis(Histogram latencies, double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1000.0;
  }
}
