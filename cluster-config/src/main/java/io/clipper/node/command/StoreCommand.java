package io.clipper.node.command;

import io.clipper.node.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code store}: what nodes keep, while none is asked. */
@Command(
    name = "store",
    mixinStandardHelpOptions = true,
    description = "Moves, backs up and restores what a node keeps, and prints the schema of its database.",
    synopsisSubcommandLabel = "VERB")
final class StoreCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private StoreCommand() {}

  static CommandLine line(Terminal terminal) {
    return new CommandLine(new StoreCommand())
        .addSubcommand(new StoreMoveCommand(terminal))
        .addSubcommand(new StoreBackupCommand(terminal))
        .addSubcommand(new StoreRestoreCommand(terminal))
        .addSubcommand(new StoreSchemaCommand(terminal));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "store move, backup, restore or schema?");
  }
}
