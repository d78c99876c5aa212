package io.clipper.model.runtime.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A shell around a command that does not look at its standard input: it ends the command when its own ends, as every worker of a node's does. */
final class Supervision {
  private static final String SCRIPT = script();

  private Supervision() {}

  /** @param patience from asking the command to end to ending it, where its node can no longer do that */
  static List<String> of(List<String> command, Duration patience) {
    List<String> supervised = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "clipper", Long.toString(Math.max(1, patience.toSeconds()))));
    supervised.addAll(command);
    return supervised;
  }

  private static String script() {
    try (InputStream script = Objects.requireNonNull(Supervision.class.getResourceAsStream("supervise.sh"))) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
