package io.clipper.node.command;

import io.clipper.node.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code app}: applications. */
@Command(
    name = "app",
    mixinStandardHelpOptions = true,
    description = "Creates, changes, deletes and lists applications.",
    synopsisSubcommandLabel = "VERB")
final class AppCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private AppCommand() {}

  static CommandLine line(Terminal terminal) {
    return new CommandLine(new AppCommand())
        .addSubcommand(new AppCreateCommand(terminal))
        .addSubcommand(new AppUpdateCommand(terminal))
        .addSubcommand(new AppDeleteCommand(terminal))
        .addSubcommand(new AppListCommand(terminal));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "app create, update, delete or list?");
  }
}
