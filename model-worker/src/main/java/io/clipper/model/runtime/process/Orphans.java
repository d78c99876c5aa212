package io.clipper.model.runtime.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  static Orphans sweep(Path file) throws IOException {
    Orphans orphans = new Orphans(file);
    if (Files.exists(file)) {
      Files.readAllLines(file).stream().filter(line -> !line.isBlank()).forEach(Orphans::end);
    }
    orphans.write();
    return orphans;
  }

  /**
   * Lists a process that was just started, or ends it: one that is not listed would not be found by the next node.
   *
   * @param mark what it and all that it starts bear
   * @return takes it off the list
   */
  Runnable listed(Process process, Mark mark) throws IOException {
    Optional<ProcessIdentity> identity = ProcessIdentity.of(process.pid());
    boolean listed = false;
    try {
      if (identity.isPresent()) {
        started(identity.get(), mark);
      }
      listed = true;
    } finally {
      if (!listed) {
        Family.end(Family.of(process.toHandle()));
        Family.end(mark.bearers());
      }
    }
    return () -> identity.ifPresent(this::ended);
  }

  private synchronized void started(ProcessIdentity process, Mark mark) throws IOException {
    running.put(process, mark);
    try {
      write();
    } catch (IOException unlisted) {
      running.remove(process);
      throw new IOException("the list of worker processes cannot be written: " + unlisted.getMessage(), unlisted);
    }
  }

  /** A list with one too many does no harm: no other process is taken for one that has ended. */
  private synchronized void ended(ProcessIdentity process) {
    running.remove(process);
    try {
      write();
    } catch (IOException failed) {
      LOG.warn("the list of worker processes cannot be written, and still has {}, which has ended", process.pid(), failed);
    }
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
  private void write() throws IOException {
    List<String> lines = running.entrySet().stream().map(started -> started.getKey().line() + " " + started.getValue().word()).toList();
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.write(unfinished, lines);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
