package io.clipper.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.catalog.ModelVersion;
import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Sixteen models of which one call in a hundred takes five times the objective: nobody waits longer than that, and most far less. Beside them
 * the same sixteen without batching, with Clipper's controller, and with an objective so long that every answer waits for all.
 */
final class Stragglers implements Scenario {
  private static final Duration SLO = Duration.ofMillis(20);
  private static final Duration STRAGGLER = Duration.ofMillis(100);
  private static final double SHARE = 0.01;
  private static final long CALL_MICROS = 2000;
  private static final int[] SIZES = {1, 4, 8, 16};
  private static final int ALL = 16;
  private static final Duration PATIENT = Duration.ofMillis(500);
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
    StringBuilder settings = new StringBuilder(TWO_CALLS);
    for (int i = 1; i <= ALL; i++) {
      settings.append("\nclipper.replica.batching.models.aimd-%d.controller = aimd".formatted(i));
    }
    Files.writeString(folder.resolve("settings.conf"), settings);
    ClipperNode node = ClipperNode.start(LoadNode.options(folder, false));
    try {
      for (int size : SIZES) {
        deploy(node, "ensemble-" + size, size, SLO, ModelVersion.ADAPTIVE);
      }
      deploy(node, "none", ALL, SLO, 1);
      deploy(node, "aimd", ALL, SLO, ModelVersion.ADAPTIVE);
      deploy(node, "patient", ALL, PATIENT, ModelVersion.ADAPTIVE);
      for (Door door : Door.both(node)) {
        for (int size : SIZES) {
          Answered answered = run(door, "ensemble-" + size, report);
          if (size == ALL) {
            judge(door, answered, report);
          }
        }
        for (String beside : List.of("none", "aimd", "patient")) {
          run(door, beside, report);
        }
      }
    } finally {
      node.close();
    }
  }

  private Answered run(Door door, String application, Report report) throws IOException {
    door.open(application, PER_SECOND, WARM_UP, 1);
    Answered answered = door.open(application, PER_SECOND, time, 1).getFirst();
    report.line("%-8s  %-11s  mean %5.2f ms  %s".formatted(door.name(), application, answered.acceptedMeanMillis(), answered));
    return answered;
  }

  private static void judge(Door door, Answered answered, Report report) {
    double p99 = answered.acceptedMillis(99);
    report.bar(p99 <= SLO.toMillis(), "%s: p99 %.2f ms (%d)".formatted(door.name(), p99, SLO.toMillis()));
    double mean = answered.acceptedMeanMillis();
    report.bar(mean <= SLO.toMillis() / 2.0, "%s: mean %.2f ms (%.0f)".formatted(door.name(), mean, SLO.toMillis() / 2.0));
    report.bar(answered.defaults() <= 0.5, "%s: %.2f %% defaults (0.5)".formatted(door.name(), answered.defaults()));
  }

  private static void deploy(ClipperNode node, String application, int size, Duration slo, int batchSize) throws IOException {
    for (int i = 1; i <= size; i++) {
      Deployed.model(
          node.serving(),
          application,
          "%s-%d".formatted(application, i),
          slo,
          SimulatedRuntimeProvider.stragglingSpec(1, CALL_MICROS, SHARE, STRAGGLER),
          batchSize);
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
