package io.clipper.node.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** A virtual environment below {@code target}, made once from a file of pinned requirements and named by that file's hash. */
record PythonEnvironment(Path folder) {
  private static final List<String> NAMES = List.of("python3", "python3.13", "python3.12", "python3.11");
  private static final String NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"; // the oldest that the pins are made for
  private static final Path HERE = Path.of(".");
  private static final Duration MAKING = Duration.ofMinutes(10);

  /** Blocks while a test in another JVM makes the same. */
  static PythonEnvironment of(Path requirements) {
    Path folder = Path.of("target", "python-" + hash(requirements)).toAbsolutePath();
    try (FileChannel file = FileChannel.open(folder.resolveSibling(folder.getFileName() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      FileLock unused = file.lock(); // held until the channel is closed
      return made(folder, requirements);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static PythonEnvironment made(Path folder, Path requirements) {
    Path complete = folder.resolve("complete");
    PythonEnvironment environment = new PythonEnvironment(folder);
    if (!Files.exists(complete)) {
      Program.of(python(), "-m", "venv", "--clear", folder.toString()).demand(HERE, MAKING);
      String file = requirements.toAbsolutePath().toString();
      environment.program("python").with("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", file).demand(HERE, MAKING);
      create(complete);
    }
    return environment;
  }

  /** One that the requirements brought, or {@code python} itself. */
  Program program(String name) {
    return Program.of(folder.resolve("bin").resolve(name).toString());
  }

  private static String python() {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String name : NAMES) {
      if (Pattern.compile(System.getProperty("path.separator")).splitAsStream(path).anyMatch(folder -> Files.isExecutable(Path.of(folder, name)))
          && Program.of(name, "-c", NEW_ENOUGH).run(HERE, MAKING).status() == 0) {
        return name;
      }
    }
    throw new AssertionError("no Python 3.11 or later is on the PATH; tried %s".formatted(NAMES));
  }

  private static void create(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String hash(Path file) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))).substring(0, 12);
    } catch (IOException | NoSuchAlgorithmException failed) {
      throw new AssertionError(failed);
    }
  }
}
