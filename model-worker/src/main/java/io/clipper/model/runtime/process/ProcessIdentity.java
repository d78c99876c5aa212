package io.clipper.model.runtime.process;

import java.io.IOException;
import java.util.Optional;

/**
 * A process that no other can be taken for: numbers are given again, but not at the same moment.
 *
 * @param startedAt in the system's own clock ticks since boot where it tells them, else the start's instant
 */
record ProcessIdentity(long pid, String startedAt) {
  /** Empty where there is no such process. */
  static Optional<ProcessIdentity> of(long pid) {
    return startedAt(pid).map(startedAt -> new ProcessIdentity(pid, startedAt));
  }

  static ProcessIdentity parse(String line) {
    String[] parts = line.split(" ", 2);
    return new ProcessIdentity(Long.parseLong(parts[0]), parts[1]);
  }

  String line() {
    return pid + " " + startedAt;
  }

  boolean isAlive() {
    return of(pid).filter(this::equals).isPresent();
  }

  private static Optional<String> startedAt(long pid) {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
    if (handle.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ProcessStat.read(pid).startedAt());
    } catch (IOException notLinuxOrGone) {
      return handle.get().info().startInstant().map(Object::toString);
    }
  }
}
