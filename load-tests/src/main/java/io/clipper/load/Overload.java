package io.clipper.load;

import io.clipper.catalog.ModelVersion;
import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Twice the load that a model can take: in each second what is accepted is in time, what is not is told at once, and a second later nothing
 * is left of it.
 */
final class Overload implements Scenario {
  private static final Duration SLO = Duration.ofMillis(20);
  private static final long FIXED_MICROS = 2000;
  /** Eight rows take 10 ms, which is half the objective: 800 a second. */
  private static final long ROW_MICROS = 1000;

  private static final double CAPACITY = 800;
  private static final double USUAL = 0.8 * CAPACITY;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int BEFORE = 5;
  private static final int DURING = 10;
  private static final int AFTER = 5;
  private static final String APPLICATION = "overloaded";

  @Override
  public String name() {
    return "overload";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    Files.writeString(folder.resolve("settings.conf"), SlowModel.SMALL_CACHES);
    ClipperNode node = ClipperNode.start(LoadNode.options(folder, false));
    try {
      Deployed.one(node.serving(), APPLICATION, SLO, SimulatedRuntimeProvider.spec(1, FIXED_MICROS, ROW_MICROS), ModelVersion.ADAPTIVE);
      for (Door door : Door.both(node)) {
        run(door, report);
      }
    } finally {
      node.close();
    }
  }

  private static void run(Door door, Report report) throws IOException {
    door.open(APPLICATION, USUAL, SECOND, BEFORE);
    // What is kept of the latest queries, bounded in bytes, has grown by then to what it is.
    door.open(APPLICATION, 2 * USUAL, SECOND, DURING);
    door.open(APPLICATION, USUAL, SECOND, BEFORE);
    long heapBefore = usedHeap();
    report.line("%s, before: %s".formatted(door.name(), door.open(APPLICATION, USUAL, SECOND, 3).getLast()));
    List<Answered> during = door.open(APPLICATION, 2 * USUAL, SECOND, DURING);
    List<Answered> after = door.open(APPLICATION, USUAL, SECOND, AFTER);
    for (Answered second : during) {
      report.line("%s, twice: %s  refused in %.2f ms (p99)".formatted(door.name(), second, second.refusedMillis(99)));
    }
    after.forEach(second -> report.line("%s, after: %s".formatted(door.name(), second)));
    long slo = SLO.toMillis();
    double accepted = during.stream().mapToDouble(second -> second.acceptedMillis(99)).max().orElseThrow();
    Histogram refusals = new Histogram(3);
    during.forEach(second -> refusals.add(second.refused()));
    double refused = refusals.getValueAtPercentile(99) / 1000.0;
    double right = during.stream().mapToDouble(Answered::rightPerSecond).average().orElseThrow();
    double late = during.stream().mapToDouble(Answered::lateShare).average().orElseThrow();
    report.bar(accepted <= slo, "%s: p99 of what is accepted, in the worst second %.2f ms (%d)".formatted(door.name(), accepted, slo));
    report.bar(late <= 2, "%s: taken and then late, or given way to others, %.2f %% (2)".formatted(door.name(), late));
    report.bar(refused < 5, "%s: p99 of refusals %.2f ms (5)".formatted(door.name(), refused));
    report.bar(right >= USUAL, "%s: right answers under twice the load %.0f/s (%.0f)".formatted(door.name(), right, USUAL));
    double left = after.subList(1, AFTER).stream().mapToDouble(Answered::defaults).max().orElseThrow();
    report.bar(left <= 1, "%s: a second later %.2f %% defaults (1)".formatted(door.name(), left));
    double heap = usedHeap() / 1e6;
    report.bar(heap <= 1.2 * heapBefore / 1e6, "%s: heap after a full collection %.1f MB before, %.1f MB afterwards (+20 %%)".formatted(door.name(), heapBefore / 1e6, heap));
  }

  private static long usedHeap() {
    ManagementFactory.getMemoryMXBean().gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
