package io.clipper.load;

import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * Twice the load that a model can take: in each second what is accepted is in time, what is not is told at once, and a second later nothing
 * is left of it.
 */
final class Overload implements Scenario {
  private static final Duration SLO = Duration.ofMillis(20);
  /** Eight rows take 10 ms, which is half the objective: 800 a second. */
  private static final Served.Simulated MODEL = new Served.Simulated(1, Duration.ofMillis(2), Duration.ofMillis(1), false);

  private static final double CAPACITY = 800;
  private static final double USUAL = 0.8 * CAPACITY;
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int BEFORE = 5;
  private static final int DURING = 10;
  private static final int AFTER = 5;
  private static final Served SERVED = new Served("overloaded", SLO, List.of(MODEL));

  @Override
  public String name() {
    return "overload";
  }

  /** By HTTP the node is a process of its own; by the embedding API it shares the collector of whoever asks. */
  @Override
  public void run(Path folder, Report report) throws IOException {
    Files.writeString(folder.resolve("settings.conf"), SlowModel.SMALL_CACHES);
    // First, while this process holds little that its collector would stop it for.
    try (NodeProcess node = NodeProcess.start(folder, SERVED)) {
      run(new Door.Http(node.queryAddress()), Optional.of(node), report);
    }
    ClipperNode here = ClipperNode.start(LoadNode.options(folder, false));
    try {
      SERVED.deploy(here.serving()).toCompletableFuture().join();
      run(new Door.Embedded(here), Optional.empty(), report);
    } finally {
      here.close();
    }
  }

  private static void run(Door door, Optional<NodeProcess> apart, Report report) throws IOException {
    door.open(SERVED.application(), USUAL, SECOND, BEFORE);
    // What is kept of the latest queries, bounded in bytes, has grown by then to what it is.
    door.open(SERVED.application(), 2 * USUAL, SECOND, DURING);
    door.open(SERVED.application(), USUAL, SECOND, BEFORE);
    double heapBefore = usedHeap(apart) / 1e6;
    double residentBefore = apart.isPresent() ? apart.get().residentMegabytes() : 0;
    report.line("%s, before: %s".formatted(door.name(), door.open(SERVED.application(), USUAL, SECOND, 3).getLast()));
    List<Answered> during = overloaded(door, apart, report);
    List<Answered> after = door.open(SERVED.application(), USUAL, SECOND, AFTER);
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
    report.bar(refused < 5, "%s: p99 of refusals %.2f ms (5), the latest %.2f".formatted(door.name(), refused, refusals.getMaxValue() / 1000.0));
    report.bar(right >= USUAL, "%s: right answers under twice the load %.0f/s (%.0f)".formatted(door.name(), right, USUAL));
    double afterwards = after.subList(1, AFTER).stream().mapToDouble(second -> second.acceptedMillis(99)).max().orElseThrow();
    report.bar(afterwards <= slo, "%s: p99 of what is accepted a second later, in the worst second %.2f ms (%d)".formatted(door.name(), afterwards, slo));
    double left = after.subList(1, AFTER).stream().mapToDouble(Answered::defaults).max().orElseThrow();
    report.bar(left <= 1, "%s: a second later %.2f %% defaults (1)".formatted(door.name(), left));
    double heapAfter = usedHeap(apart) / 1e6;
    report.bar(heapAfter <= 1.2 * heapBefore, "%s: heap after a full collection %.1f MB before, %.1f MB afterwards (+20 %%)".formatted(door.name(), heapBefore, heapAfter));
    if (apart.isPresent()) {
      double resident = apart.get().residentMegabytes();
      report.bar(resident <= 1.2 * residentBefore, "%s: the node's process %.0f MB before, %.0f MB afterwards (+20 %%)".formatted(door.name(), residentBefore, resident));
    }
  }

  /** What the machine and the collectors add to any latency is printed beside. */
  private static List<Answered> overloaded(Door door, Optional<NodeProcess> apart, Report report) throws IOException {
    if (apart.isPresent()) {
      apart.get().ask("watch-pauses");
    }
    try (PauseMeter pauses = PauseMeter.start()) {
      List<Answered> during = door.open(SERVED.application(), 2 * USUAL, SECOND, DURING);
      double own = pauses.longest().toNanos() / 1e6;
      double nodes = apart.isPresent() ? apart.get().ask("longest-pause-micros") / 1e3 : own;
      report.line("%s, twice: longest pause of the load's process %.1f ms, of the node's %.1f ms".formatted(door.name(), own, nodes));
      return during;
    }
  }

  /** After a full collection, of the process that the node is in. */
  private static long usedHeap(Optional<NodeProcess> apart) throws IOException {
    if (apart.isPresent()) {
      return apart.get().ask("used-heap-bytes");
    }
    ManagementFactory.getMemoryMXBean().gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
