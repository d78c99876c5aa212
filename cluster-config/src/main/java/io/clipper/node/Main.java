package io.clipper.node;

import io.clipper.node.command.ClipperCommand;
import io.clipper.node.terminal.Terminal;

/** The process behind {@code ./clipper}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(ClipperCommand.line(Terminal.ofProcess()).execute(arguments));
  }
}
