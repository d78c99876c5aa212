package io.clipper.node.terminal;

import java.io.PrintWriter;

/**
 * Where a verb prints.
 *
 * @param interactive whether somebody looks at {@code out}: only then is anything drawn in place
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean interactive) {
  /** The process's own streams; {@code clipper.terminal} is what the script found out about them. */
  public static Terminal ofProcess() {
    return new Terminal(
        new PrintWriter(System.out, true), new PrintWriter(System.err, true), Boolean.getBoolean("clipper.terminal"));
  }

  public void line(String text) {
    out.println(text);
  }

  /** The command to try after this one. */
  public void next(String command) {
    out.println();
    out.println("next: " + command);
  }
}
