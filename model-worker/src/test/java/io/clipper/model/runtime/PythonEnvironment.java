package io.clipper.model.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A virtual environment below {@code target}, made once from a file of pinned requirements and named by that file's hash. */
record PythonEnvironment(Path python) {
  private static final List<String> NAMES = List.of("python3", "python3.14", "python3.13", "python3.12", "python3.11");
  private static final String NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"; // the oldest that the pins are made for
  private static final Duration MAKING = Duration.ofMinutes(10);

  /** What a process said on both its streams, and how it ended. */
  record Outcome(int status, String said) {}

  static PythonEnvironment of(Path requirements) throws IOException, InterruptedException {
    Path folder = Path.of("target", "python-" + hash(Files.readAllBytes(requirements))).toAbsolutePath();
    Path complete = folder.resolve("complete");
    PythonEnvironment environment = new PythonEnvironment(folder.resolve("bin").resolve("python"));
    if (!Files.exists(complete)) {
      demand(run(Path.of("."), MAKING, List.of(onPath(), "-m", "venv", "--clear", folder.toString())));
      String file = requirements.toAbsolutePath().toString();
      demand(environment.run(Path.of("."), MAKING, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "-r", file));
      Files.createFile(complete);
    }
    return environment;
  }

  Outcome run(Path folder, Duration atMost, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(python.toString()));
    command.addAll(List.of(arguments));
    return run(folder, atMost, command);
  }

  private static String onPath() throws IOException, InterruptedException {
    for (String name : NAMES) {
      if (isOnPath(name) && run(Path.of("."), MAKING, List.of(name, "-c", NEW_ENOUGH)).status() == 0) {
        return name;
      }
    }
    throw new AssertionError("no Python 3.11 or later is on the PATH; tried " + NAMES);
  }

  private static boolean isOnPath(String name) {
    for (String folder : System.getenv("PATH").split(System.getProperty("path.separator"), -1)) {
      if (Files.isExecutable(Path.of(folder, name))) {
        return true;
      }
    }
    return false;
  }

  private static void demand(Outcome outcome) {
    if (outcome.status() != 0) {
      throw new AssertionError("the Python environment cannot be made:\n" + outcome.said());
    }
  }

  private static Outcome run(Path folder, Duration atMost, List<String> command) throws IOException, InterruptedException {
    Path said = Files.createTempFile("python", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(said.toFile());
      // What is imported is compiled once, below target; pip would compile all that it installs.
      builder.environment().put("PYTHONPYCACHEPREFIX", Path.of("target", "bytecode").toAbsolutePath().toString());
      builder.environment().remove("PYTHONDONTWRITEBYTECODE");
      Process process = builder.start();
      if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new AssertionError("%s has not ended after %s:%n%s".formatted(command, atMost, Files.readString(said)));
      }
      return new Outcome(process.exitValue(), Files.readString(said));
    } finally {
      Files.delete(said);
    }
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)).substring(0, 12);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
