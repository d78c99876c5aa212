package io.clipper.node.command;

import io.clipper.backup.Backup;
import io.clipper.backup.Store;
import io.clipper.node.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code store backup}: a store as one file. */
@Command(
    name = "backup",
    description = {
      "Writes all that is kept to one file: catalog, what was learned, feedback, prediction log, artifacts.",
      "A node that keeps its store in its folder is stopped first; nodes on PostgreSQL go on, and the file is as of one moment."
    },
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "1:could not be written, and said why; there is no file", "2:wrong usage"})
final class StoreBackupCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "FILE", description = "a file that is not there yet")
  private Path file = Path.of("");

  @Mixin private StoreAt store = new StoreAt();

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  StoreBackupCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (Store kept = store.kept()) {
      Backup.Size size = Backup.write(kept, file.toAbsolutePath());
      terminal.line("%s: %d rows and %d artifacts".formatted(file, size.rows(), size.artifacts()));
    }
    terminal.next("./clipper store restore %s --data EMPTY-DIR".formatted(file));
    return 0;
  }
}
