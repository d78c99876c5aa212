package io.clipper.model.runtime.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much memory a process has in use. */
final class ResidentSize {
  private static final String FIELD = "VmRSS:";

  private ResidentSize() {}

  /** In bytes; empty for a process that is gone, and where the system does not tell. */
  static OptionalLong of(long pid) {
    try {
      return read(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
    } catch (IOException goneOrNotLinux) {
      return OptionalLong.empty();
    }
  }

  /** Of the text of {@code /proc/PID/status}. */
  static OptionalLong read(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith(FIELD))
        .mapToLong(line -> Long.parseLong(line.substring(FIELD.length()).replace("kB", "").strip()) * 1024)
        .findFirst();
  }
}
