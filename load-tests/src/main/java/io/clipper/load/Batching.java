package io.clipper.load;

import io.clipper.catalog.ModelVersion;
import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A model with a fixed cost for each call serves many times the queries when they share calls, and none of them late: the default
 * controller beside no batching, Clipper's and fixed waits.
 */
final class Batching implements Scenario {
  private static final Duration SLO = Duration.ofMillis(20);
  private static final long FIXED_MICROS = 2000;
  private static final long ROW_MICROS = 20;
  private static final int ASKERS = 256;
  /** As many as single calls can answer in time, and far more. */
  private static final int[] NONE_ASKERS = {8, ASKERS};
  /** Of which the most that still are answered in time show what the default can do. */
  private static final int[] MANY_ASKERS = {256, 192, 128, 96};
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  /** Queries a second: single calls keep up with the first nearly, batches are needed for the others. */
  private static final double[] LOADS = {400, 2000, 6000};
  private static final int[] SWEEP_ASKERS = {8, 32, 128};
  private static final List<String> WAITS = List.of("wait-0", "wait-1", "wait-2", "wait-5");
  private static final String CONTROLLERS =
      """
      clipper.replica.batching.models {
        aimd { controller = aimd }
        wait-0 { controller = delayed, delay = 0 ms }
        wait-1 { controller = delayed, delay = 1 ms }
        wait-2 { controller = delayed, delay = 2 ms }
        wait-5 { controller = delayed, delay = 5 ms }
      }
      """;

  private final Duration time;

  Batching(Duration time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "batching";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    Files.writeString(folder.resolve("settings.conf"), CONTROLLERS);
    ClipperNode node = ClipperNode.start(LoadNode.options(folder, false));
    try {
      deploy(node, "none", 1);
      deploy(node, "aimd", ModelVersion.ADAPTIVE);
      deploy(node, "default", ModelVersion.ADAPTIVE);
      for (String wait : WAITS) {
        deploy(node, wait, ModelVersion.ADAPTIVE);
      }
      for (Door door : Door.both(node)) {
        throughput(door, report);
        sweep(door, report);
      }
    } finally {
      node.close();
    }
  }

  private void throughput(Door door, Report report) throws IOException {
    double none = 0;
    for (int askers : NONE_ASKERS) {
      none = Math.max(none, closed(door, "none", askers, report).rightPerSecond());
    }
    Answered aimd = closed(door, "aimd", ASKERS, report);
    report.line("%s: aimd has %.1f × no batching, p99 %.2f ms".formatted(door.name(), aimd.rightPerSecond() / none, aimd.acceptedMillis(99)));
    double most = 0;
    for (int askers : MANY_ASKERS) {
      Answered ours = closed(door, "default", askers, report);
      if (askers == ASKERS) {
        report.line("%s: the default has %.2f of aimd".formatted(door.name(), ours.rightPerSecond() / aimd.rightPerSecond()));
        report.bar(ours.rightPerSecond() >= 26 * none, "%s: %.1f × no batching (26)".formatted(door.name(), ours.rightPerSecond() / none));
        report.bar(
            ours.acceptedMillis(99) < SLO.toMillis(), "%s: p99 of what is accepted %.2f ms (%d)".formatted(door.name(), ours.acceptedMillis(99), SLO.toMillis()));
      }
      most = ours.acceptedMillis(99) < SLO.toMillis() ? Math.max(most, ours.rightPerSecond()) : most;
    }
    report.bar(most >= 26 * none, "%s: with a p99 below %d ms the default has %.1f × no batching (26)".formatted(door.name(), SLO.toMillis(), most / none));
  }

  private void sweep(Door door, Report report) throws IOException {
    for (int askers : SWEEP_ASKERS) {
      double best = 0;
      double without = 0;
      for (String wait : WAITS) {
        double perSecond = closed(door, wait, askers, report).rightPerSecond();
        best = Math.max(best, perSecond);
        without = wait.equals("wait-0") ? perSecond : without;
      }
      double ours = closed(door, "default", askers, report).rightPerSecond();
      report.line("%s, %d askers: the best fixed wait gives %.2f × no wait".formatted(door.name(), askers, best / without));
      report.bar(ours >= 0.95 * best, "%s, %d askers: the default has %.2f of the best (0.95)".formatted(door.name(), askers, ours / best));
    }
    for (double load : LOADS) {
      double best = 0;
      for (String wait : WAITS) {
        best = Math.max(best, open(door, wait, load, report).rightPerSecond());
      }
      double ours = open(door, "default", load, report).rightPerSecond();
      report.bar(ours >= 0.95 * best, "%s, %.0f/s: the default has %.2f of the best (0.95)".formatted(door.name(), load, ours / best));
    }
  }

  private Answered closed(Door door, String application, int askers, Report report) throws IOException {
    Answered answered = door.closed(application, askers, WARM_UP, time);
    report.line("%-8s  %-8s  %3d askers  %s".formatted(door.name(), application, askers, answered));
    return answered;
  }

  private Answered open(Door door, String application, double perSecond, Report report) throws IOException {
    door.open(application, perSecond, WARM_UP.dividedBy(3), 1);
    Answered answered = door.open(application, perSecond, time.dividedBy(2), 1).getFirst();
    report.line("%-8s  %-8s  %5.0f/s asked  %s".formatted(door.name(), application, perSecond, answered));
    return answered;
  }

  private static void deploy(ClipperNode node, String name, int batchSize) {
    Deployed.one(node.serving(), name, SLO, SimulatedRuntimeProvider.spec(1, FIXED_MICROS, ROW_MICROS), batchSize);
  }
}
