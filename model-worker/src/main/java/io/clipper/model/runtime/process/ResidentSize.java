package io.clipper.model.runtime.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much memory a process has in use. */
final class ResidentSize {
  private static final String RESIDENT = "VmRSS:";
  private static final String SHARE = "Pss:";

  private ResidentSize() {}

  /** In bytes; empty for a process that is gone, and where the system does not tell. */
  static OptionalLong of(long pid) {
    return read(pid, "status", RESIDENT);
  }

  /** The same, with each page that several processes have counted for a part of it; its whole size where the system does not tell that. */
  static OptionalLong shareOf(long pid) {
    OptionalLong share = read(pid, "smaps_rollup", SHARE);
    return share.isPresent() ? share : of(pid);
  }

  private static OptionalLong read(long pid, String file, String field) {
    try {
      return read(Files.readString(Path.of("/proc", Long.toString(pid), file)), field);
    } catch (IOException goneOrNotLinux) {
      return OptionalLong.empty();
    }
  }

  /** Of the text of {@code /proc/PID/status}. */
  static OptionalLong read(String status) {
    return read(status, RESIDENT);
  }

  private static OptionalLong read(String text, String field) {
    return text.lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.substring(field.length()).replace("kB", "").strip()) * 1024)
        .findFirst();
  }
}
