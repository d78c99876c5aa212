package io.clipper.model.runtime.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A word in the environment of a process, which what it starts inherits, whoever becomes its parent and whatever session it moves to. Found in
 * {@code /proc}; a process that empties its environment bears none.
 */
record Mark(String word) {
  /** Several words with blanks between them, one of each that the process descends from. */
  static final String VARIABLE = "CLIPPER_WORKER";

  private static final String END = "\0";
  private static final String BETWEEN = " ";

  /** Like no other. */
  static Mark fresh() {
    return new Mark(UUID.randomUUID().toString());
  }

  /** Beside those that are there. */
  void into(Map<String, String> environment) {
    environment.merge(VARIABLE, word, (before, own) -> before + BETWEEN + own);
  }

  /** Those that run with it, and may be looked at; none where the system does not tell. */
  List<ProcessHandle> bearers() {
    return ProcessHandle.allProcesses().filter(process -> isBorneBy(process.pid())).toList();
  }

  private boolean isBorneBy(long pid) {
    try {
      String environment = Files.readString(Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
      for (String variable : environment.split(END, -1)) {
        if (variable.startsWith(VARIABLE + "=")) {
          return List.of(variable.substring(VARIABLE.length() + 1).split(BETWEEN, -1)).contains(word);
        }
      }
      return false;
    } catch (IOException goneOrNotOurs) {
      return false;
    }
  }
}
