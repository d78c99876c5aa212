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
  private static final String REASON = "Failed to retrieve a prediction response within the specified latency SLO";
  private static final int CONNECTIONS = 128;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  /** Full after the warm-up, so that what still grows is no cache. */
  private static final String SMALL_CACHES =
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
      run(node, SOME, OTHERS, "the others' result", report);
      run(node, ALL, REASON, "the default with its reason", report);
    }
  }

  private void run(NodeProcess node, Served served, String expected, String meaning, Report report) throws IOException {
    Requests requests = new Requests();
    String path = "/" + served.application() + "/predict";
    HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post(path, requests.predict()), expected);
    load.open(CONNECTIONS, perSecond, Duration.ZERO, WARM_UP);
    Histogram latencies = new Histogram(3);
    long asked = 0;
    long asExpected = 0;
    long lost = 0;
    long firstHeap = 0;
    long lastHeap = 0;
    node.ask("watch-pauses");
    try (PauseMeter pauses = PauseMeter.start()) {
      for (int third = 1; third <= 3; third++) {
        HttpLoad.Result result = load.open(CONNECTIONS, perSecond, Duration.ZERO, time.dividedBy(3));
        latencies.add(result.latencies());
        asked += result.requests();
        asExpected += result.expected();
        lost += result.unanswered() + result.failures();
        if (third == 3) {
          report.line(
              "%s, %.0f/s for %d s: longest pause of the load's process %.1f ms, of the node's %.1f ms"
                  .formatted(
                      served.application(),
                      perSecond,
                      time.toSeconds(),
                      pauses.longest().toNanos() / 1e6,
                      node.ask("longest-pause-micros") / 1e3));
        }
        // Between the loads, so that the collection is in nobody's latency.
        lastHeap = node.ask("used-heap-bytes");
        firstHeap = third == 1 ? lastHeap : firstHeap;
      }
    }
    report.line(
        "%,d answers: p50 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms"
            .formatted(asked, millis(latencies, 50), millis(latencies, 99), millis(latencies, 99.9), millis(latencies, 100)));
    report.bar(lost == 0, "lost or failed: %d (0)".formatted(lost));
    report.bar(asExpected == asked, "%s: %,d of %,d".formatted(meaning, asExpected, asked));
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
