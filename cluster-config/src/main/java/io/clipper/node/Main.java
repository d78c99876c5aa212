package io.clipper.node;

import io.clipper.node.command.ClipperCommand;
import io.clipper.node.command.UpCommand;
import io.clipper.node.terminal.Terminal;

/** The process behind {@code ./clipper}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Terminal terminal = Terminal.ofProcess();
    System.exit(ClipperCommand.line(terminal, new UpCommand(new Serve(terminal.out(), System::nanoTime))).execute(arguments));
  }
}
