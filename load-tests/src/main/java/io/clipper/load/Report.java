package io.clipper.load;

import io.clipper.load.experiment.Findings;
import java.io.PrintStream;

/** What a scenario measured, in lines that can be quoted, and whether its bars hold. */
final class Report implements Findings {
  private final PrintStream out;
  private final boolean barsTimes;
  private boolean holds = true;

  /** @param barsTimes whether a time that is missed counts: not where other work shares the machine */
  Report(PrintStream out, boolean barsTimes) {
    this.out = out;
    this.barsTimes = barsTimes;
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

  /** A bar on how long something took. */
  void timeBar(boolean held, String text) {
    if (barsTimes) {
      bar(held, text);
    } else {
      line((held ? "in time " : "slow    ") + text);
    }
  }

  boolean holds() {
    return holds;
  }
}
