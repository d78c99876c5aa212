package io.clipper.model.runtime.process;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines that a process has written, not many and not long: they become an error, which all nodes are told. */
final class Tail {
  private static final int LINES = 12;

  private final Deque<String> lines = new ArrayDeque<>();
  private int characters;

  /** Kept, however long it is, until there is another. */
  synchronized void add(String line) {
    lines.addLast(line);
    characters += line.length();
    while (lines.size() > LINES || (lines.size() > 1 && characters > Lines.LONGEST)) {
      characters -= lines.removeFirst().length();
    }
  }

  /** Empty where it has written nothing. */
  synchronized String text() {
    return String.join("\n", lines);
  }
}
