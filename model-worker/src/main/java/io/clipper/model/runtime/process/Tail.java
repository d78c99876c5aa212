package io.clipper.model.runtime.process;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines that a process has written. */
final class Tail {
  private static final int LINES = 12;

  private final Deque<String> lines = new ArrayDeque<>();

  synchronized void add(String line) {
    if (lines.size() == LINES) {
      lines.removeFirst();
    }
    lines.addLast(line);
  }

  /** Empty where it has written nothing. */
  synchronized String text() {
    return String.join("\n", lines);
  }
}
