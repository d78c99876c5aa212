package io.clipper.model.runtime.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file with the processes that a node has started, by which the next node finds those that outlived it. */
final class Orphans {
  private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);

  private final Path file;
  private final Map<ProcessIdentity, Mark> running = new LinkedHashMap<>();

  private Orphans(Path file) {
    this.file = file;
  }

  /** Ends what an earlier node has left behind; one node has the file open at a time. */
  static Orphans sweep(Path file) {
    try {
      if (Files.exists(file)) {
        Files.readAllLines(file).stream().filter(line -> !line.isBlank()).forEach(Orphans::end);
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    Orphans orphans = new Orphans(file);
    orphans.write();
    return orphans;
  }

  /** @param mark what it and all that it starts bear */
  synchronized void started(ProcessIdentity process, Mark mark) {
    running.put(process, mark);
    write();
  }

  synchronized void ended(ProcessIdentity process) {
    running.remove(process);
    write();
  }

  /** The process, and what it has started, also where itself has ended. */
  private static void end(String line) {
    int end = line.lastIndexOf(' ');
    ProcessIdentity process = ProcessIdentity.parse(line.substring(0, end));
    List<ProcessHandle> outlived = new ArrayList<>(new Mark(line.substring(end + 1)).bearers());
    if (process.isAlive()) {
      ProcessHandle.of(process.pid()).map(Family::of).ifPresent(outlived::addAll);
    }
    if (!outlived.isEmpty()) {
      LOG.warn("processes {} outlived the node that started them; they are ended", outlived.stream().map(ProcessHandle::pid).distinct().toList());
      Family.end(outlived);
    }
  }

  /** As a whole or not at all: half a line would be another process. */
  private void write() {
    List<String> lines = running.entrySet().stream().map(started -> started.getKey().line() + " " + started.getValue().word()).toList();
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    try {
      Files.write(unfinished, lines);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failed) {
      throw new UncheckedIOException("the list of worker processes cannot be written", failed);
    }
  }
}
