package io.clipper.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.catalog.ModelVersion;
import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Sixteen models of which one call in a hundred takes five times the objective: nobody waits longer than that, and most far less. */
final class Stragglers implements Scenario {
  private static final Duration SLO = Duration.ofMillis(20);
  private static final Duration STRAGGLER = Duration.ofMillis(100);
  private static final double SHARE = 0.01;
  private static final long CALL_MICROS = 2000;
  private static final int[] SIZES = {1, 4, 8, 16};
  private static final double PER_SECOND = 50;
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  /** As behind a wire: a call that is late holds up one of two places. */
  private static final String TWO_CALLS = "clipper.replica.batching.in-process-depth = 2";

  private final Duration time;

  Stragglers(Duration time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "stragglers";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    Files.writeString(folder.resolve("settings.conf"), TWO_CALLS);
    ClipperNode node = ClipperNode.start(LoadNode.options(folder, false));
    try {
      for (int size : SIZES) {
        deploy(node, size);
      }
      for (Door door : Door.both(node)) {
        for (int size : SIZES) {
          run(door, size, report);
        }
      }
    } finally {
      node.close();
    }
  }

  private void run(Door door, int size, Report report) throws IOException {
    String application = "ensemble-" + size;
    door.open(application, PER_SECOND, WARM_UP, 1);
    Answered answered = door.open(application, PER_SECOND, time, 1).getFirst();
    report.line("%-8s  %2d models  mean %5.2f ms  %s".formatted(door.name(), size, answered.acceptedMeanMillis(), answered));
    if (size == SIZES[SIZES.length - 1]) {
      double p99 = answered.acceptedMillis(99);
      report.bar(p99 <= SLO.toMillis(), "%s: p99 %.2f ms (%d)".formatted(door.name(), p99, SLO.toMillis()));
      double mean = answered.acceptedMeanMillis();
      report.bar(mean <= SLO.toMillis() / 2.0, "%s: mean %.2f ms (%.0f)".formatted(door.name(), mean, SLO.toMillis() / 2.0));
      report.bar(answered.defaults() <= 0.5, "%s: %.2f %% defaults (0.5)".formatted(door.name(), answered.defaults()));
    }
  }

  private static void deploy(ClipperNode node, int size) throws IOException {
    String application = "ensemble-" + size;
    for (int i = 1; i <= size; i++) {
      Deployed.model(
          node.serving(),
          application,
          "%s-%d".formatted(application, i),
          SLO,
          SimulatedRuntimeProvider.stragglingSpec(1, CALL_MICROS, SHARE, STRAGGLER),
          ModelVersion.ADAPTIVE);
    }
    try (HttpConnection admin = new HttpConnection(node.adminAddress())) {
      HttpConnection.Answer updated = admin.post("/admin/update_app", "{\"name\":\"%s\",\"max_asked\":%d}".formatted(application, size));
      if (!updated.isOk()) {
        JsonNode why = updated.body();
        throw new IOException("the application could not be told to ask all: " + why);
      }
    }
  }
}
