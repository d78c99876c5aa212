package io.clipper.node.command;

import io.clipper.node.terminal.Terminal;
import io.clipper.storage.Dialect;
import io.clipper.storage.Schema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code store schema}: the tables, for whoever may make them. */
@Command(
    name = "schema",
    description = {
      "Prints the script that makes the tables; it may be run again after an upgrade.",
      "A node with the setting clipper.storage.create-schema = off makes none."
    },
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "2:wrong usage"})
final class StoreSchemaCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--dialect", paramLabel = "NAME", description = "postgresql or h2 (default: ${DEFAULT-VALUE})")
  private Dialect dialect = Dialect.POSTGRESQL;

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  StoreSchemaCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Schema.script(dialect).lines().forEach(terminal::line);
    return 0;
  }
}
