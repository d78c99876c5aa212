package io.clipper.load;

import java.io.PrintStream;

/** What a scenario measured, in lines that can be quoted, and whether its bars hold. */
final class Report {
  private final PrintStream out;
  private boolean holds = true;

  Report(PrintStream out) {
    this.out = out;
  }

  void line(String text) {
    out.println("  " + text);
    out.flush();
  }

  /** A promise with the figure it is about. */
  void bar(boolean held, String text) {
    holds &= held;
    line((held ? "holds   " : "MISSED  ") + text);
  }

  boolean holds() {
    return holds;
  }
}
