package io.clipper.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What a node with the bundled application costs while nobody asks. Measured where there is a {@code /proc}. */
final class Idle implements Scenario {
  private static final double TICKS_PER_SECOND = 100;
  private static final Duration SETTLES = Duration.ofSeconds(10);

  private final Duration time;

  Idle(Duration time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "idle";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    if (!Files.exists(Path.of("/proc/self/stat"))) {
      report.line("not measured: there is no /proc here");
      return;
    }
    try (NodeProcess node = NodeProcess.startBundled(folder)) {
      TimeUnit.NANOSECONDS.sleep(SETTLES.toNanos());
      long before = ticks(node.pid());
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
      double percent = 100 * (ticks(node.pid()) - before) / TICKS_PER_SECOND / time.toSeconds();
      double resident = node.residentMegabytes();
      report.bar(percent < 1, "%.2f %% of a core over %d s (1)".formatted(percent, time.toSeconds()));
      report.bar(resident <= 300, "%.0f MB resident (300)".formatted(resident));
    }
  }

  /** User and system time. */
  private static long ticks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }
}
