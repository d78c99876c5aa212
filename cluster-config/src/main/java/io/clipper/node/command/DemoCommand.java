package io.clipper.node.command;

import io.clipper.node.terminal.Terminal;
import java.util.function.LongSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}: shows to watch. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Shows what the node does: demo digits.",
    synopsisSubcommandLabel = "SHOW")
final class DemoCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private DemoCommand() {}

  static CommandLine line(Terminal terminal, LongSupplier nanoClock) {
    return new CommandLine(new DemoCommand()).addSubcommand(new DemoDigitsCommand(terminal, nanoClock));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which show? demo digits");
  }
}
