package io.clipper.load;

import io.clipper.load.experiment.Findings;
import java.io.PrintStream;

/** What a scenario measured, in lines that can be quoted, and whether its bars hold. */
final class Report implements Findings {
  private final PrintStream out;
  private boolean holds = true;

  Report(PrintStream out) {
    this.out = out;
  }

  @Override
  public void line(String text) {
    out.println("  " + text);
    out.flush();
  }

  @Override
  public void bar(boolean held, String text) {
    holds &= held;
    line((held ? "holds   " : "MISSED  ") + text);
  }

  boolean holds() {
    return holds;
  }
}
