package io.clipper.node.terminal;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where a verb prints.
 *
 * @param interactive whether somebody looks at {@code out}: only then is anything drawn in place
 */
public record Terminal(PrintWriter out, PrintWriter err, boolean interactive) {
  /** The process's own streams; {@code clipper.terminal} is what the script found out about them. */
  public static Terminal ofProcess() {
    return new Terminal(utf8(System.out), utf8(System.err), Boolean.getBoolean("clipper.terminal"));
  }

  /** Whatever the locale says: bars and arrows must not turn into question marks. */
  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
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
