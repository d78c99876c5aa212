package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A no-op model at an objective of 20 ms under as much load as the connections make: hardly a default, from the first query on. */
final class Objective implements Scenario {
  private static final Duration SLO = Duration.ofMillis(20);
  private static final int[] CONNECTIONS = {32, 128};
  private static final Duration COLD = Duration.ofSeconds(5);
  private static final Duration BETWEEN = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "objective";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    Served served = new Served("fast", SLO, List.of(Served.Simulated.fast(1)));
    for (int connections : CONNECTIONS) {
      try (NodeProcess node = NodeProcess.start(folder.resolve(Integer.toString(connections)), served)) {
        Requests requests = new Requests();
        HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post("/fast/predict", requests.predict()));
        told(connections, "cold", load.closed(connections, Duration.ZERO, COLD), report);
        told(connections, "warm", load.closed(connections, BETWEEN, COLD), report);
      }
    }
  }

  private static void told(int connections, String when, HttpLoad.Result result, Report report) {
    report.line("%3d connections, %s: %s".formatted(connections, when, result));
    double defaults = 100.0 * result.defaults() / Math.max(1, result.requests());
    report.bar(defaults <= 1, "%3d connections, %s: %.2f %% defaults (1)".formatted(connections, when, defaults));
  }
}
