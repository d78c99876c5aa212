package io.clipper.model.runtime.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code /proc/PID/stat} says of a process.
 *
 * @param startedAt in clock ticks since boot
 */
record ProcessStat(String session, String startedAt) {
  /** The fields behind the command's name, which may itself have blanks and parentheses. */
  private static final int SESSION_BEHIND_NAME = 3;

  private static final int START_TIME_BEHIND_NAME = 19;

  /** Throws {@link IOException} where there is no such process, or no such file. */
  static ProcessStat read(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return new ProcessStat(fields[SESSION_BEHIND_NAME], fields[START_TIME_BEHIND_NAME]);
  }
}
