package io.clipper.model.runtime.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a process writes, line by line. A line is cut at a bound, for one that never ends must not fill the node's memory. */
final class Lines {
  static final int LONGEST = 8192;
  private static final String CUT = "…";

  private final Consumer<String> hears;
  private final StringBuilder line = new StringBuilder();
  private boolean told;
  private char before;

  private Lines(Consumer<String> hears) {
    this.hears = hears;
  }

  /** Blocks until the stream ends; a line that is too long is told, with an ellipsis, when it is known to be. */
  static void read(InputStream stream, Consumer<String> hears) throws IOException {
    Lines lines = new Lines(hears);
    char[] part = new char[LONGEST];
    Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8);
    for (int length = reader.read(part); length >= 0; length = reader.read(part)) {
      for (int i = 0; i < length; i++) {
        lines.add(part[i]);
      }
    }
    if (!lines.line.isEmpty()) {
      lines.end();
    }
  }

  /** A line ends with a line feed, a carriage return or both. */
  private void add(char character) {
    if (character == '\r' || (character == '\n' && before != '\r')) {
      end();
    } else if (character != '\n' && line.length() < LONGEST) {
      line.append(character);
    } else if (character != '\n' && !told) {
      hears.accept(line + CUT);
      told = true;
    }
    before = character;
  }

  private void end() {
    if (!told) {
      hears.accept(line.toString());
    }
    line.setLength(0);
    told = false;
  }
}
