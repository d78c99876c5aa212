package io.clipper.node.command;

import io.clipper.backup.Backup;
import io.clipper.node.terminal.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code store restore}: a file of {@code store backup} into an empty store, of the same kind or the other. */
@Command(
    name = "restore",
    description = "Fills an empty folder or an empty database with what a backup has.",
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "1:could not be restored, and said why; the folder or the database is as it was", "2:wrong usage"})
final class StoreRestoreCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "FILE", description = "what store backup wrote")
  private Path file = Path.of("");

  @Mixin private StoreAt store = new StoreAt();

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  StoreRestoreCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    UserFiles.checkThere(file);
    Backup.Size size = Backup.restore(file, store.empty());
    terminal.line("restored %d rows and %d artifacts".formatted(size.rows(), size.artifacts()));
    terminal.next("./clipper up" + store.options());
    return 0;
  }
}
