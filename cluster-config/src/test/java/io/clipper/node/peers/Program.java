package io.clipper.node.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of others with the arguments it always has. */
record Program(List<String> command, Map<String, String> environment) {
  /** What it said on both its streams, and how it ended. */
  record Outcome(int status, String said) {}

  static Program of(String... command) {
    return new Program(List.of(command), Map.of());
  }

  Program with(String... arguments) {
    List<String> longer = new ArrayList<>(command);
    longer.addAll(Arrays.asList(arguments));
    return new Program(longer, environment);
  }

  Program in(String variable, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(variable, value);
    return new Program(command, more);
  }

  /** Throws {@link AssertionError} where it has not ended by then. */
  Outcome run(Path folder, Duration atMost) {
    try {
      Path said = Files.createTempFile("program", ".txt");
      Process process = start(folder, said);
      try {
        if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
          throw new AssertionError("%s has not ended after %s:%n%s".formatted(command, atMost, Files.readString(said)));
        }
        return new Outcome(process.exitValue(), Files.readString(said));
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Files.delete(said);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** Throws {@link AssertionError} with all that it said where it does not end well. */
  String demand(Path folder, Duration atMost) {
    Outcome outcome = run(folder, atMost);
    if (outcome.status() != 0) {
      throw new AssertionError("%s ended with %d:%n%s".formatted(command, outcome.status(), outcome.said()));
    }
    return outcome.said();
  }

  Process start(Path folder, Path said) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }
}
