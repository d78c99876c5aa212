package io.clipper.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Runs a scenario and fails with its whole report where a bar is missed, other than one on how long something took. */
final class Proof {
  private Proof() {}

  static void of(Scenario scenario, Path folder) throws IOException, InterruptedException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    Report report = new Report(new PrintStream(lines, true, StandardCharsets.UTF_8), false);
    scenario.run(folder, report);
    System.out.print(lines.toString(StandardCharsets.UTF_8));
    assertThat(report.holds()).as(lines.toString(StandardCharsets.UTF_8)).isTrue();
  }
}
