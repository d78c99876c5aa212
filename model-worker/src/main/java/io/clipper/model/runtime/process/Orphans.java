package io.clipper.model.runtime.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file with the processes that a node has started, by which the next node finds those that outlived it. */
final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final Path file;
  private final Set<ProcessIdentity> running = new LinkedHashSet<>();

  private Orphans(Path file) {
    this.file = file;
  }

  /** Ends what an earlier node has left behind; one node has the file open at a time. */
  static Orphans sweep(Path file) {
    try {
      if (Files.exists(file)) {
        Files.readAllLines(file).stream().filter(line -> !line.isBlank()).map(ProcessIdentity::parse).forEach(Orphans::end);
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    Orphans orphans = new Orphans(file);
    orphans.write();
    return orphans;
  }

  synchronized void started(ProcessIdentity process) {
    running.add(process);
    write();
  }

  synchronized void ended(ProcessIdentity process) {
    running.remove(process);
    write();
  }

  private static void end(ProcessIdentity process) {
    if (process.isAlive()) {
      LOG.warn("process {} outlived the node that started it; it is ended", process.pid());
      ProcessHandle.of(process.pid()).ifPresent(outlived -> Family.end(Family.of(outlived)));
    }
  }

  /** As a whole or not at all: half a line would be another process. */
  private void write() {
    List<String> lines = running.stream().map(ProcessIdentity::line).toList();
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    try {
      Files.write(unfinished, lines);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failed) {
      throw new UncheckedIOException("the list of worker processes cannot be written", failed);
    }
  }
}
