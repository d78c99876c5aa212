package io.clipper.node.command;

import io.clipper.backup.Backup;
import io.clipper.backup.EmptyStore;
import io.clipper.backup.Store;
import io.clipper.node.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code store move}: from a node's folder to a database that nodes share. */
@Command(
    name = "move",
    description = {
      "Copies all that a stopped node kept in its folder to an empty database, for nodes that share it.",
      "The folder stays as it was: the way back is to start a node on it without --jdbc."
    },
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "1:could not be moved, and said why; the database is as it was", "2:wrong usage"})
final class StoreMoveCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--from-data", required = true, paramLabel = "DIR", description = "the stopped node's folder")
  private Path from = Path.of("");

  @Option(names = "--to-jdbc", required = true, paramLabel = "URL", description = "the empty database")
  private String to = "";

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  StoreMoveCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Store old = Store.kept(from)) {
      Backup.Size size = Backup.move(old, EmptyStore.at(to));
      terminal.line("moved %d rows and %d artifacts from %s".formatted(size.rows(), size.artifacts(), from));
    }
    terminal.next("./clipper up --jdbc URL");
    return 0;
  }
}
