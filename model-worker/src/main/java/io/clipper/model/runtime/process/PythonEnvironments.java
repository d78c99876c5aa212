package io.clipper.model.runtime.process;

import io.clipper.model.runtime.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's virtual environments, each made once from a model's pinned requirements and named by their hash, and the package {@code
 * clipper_worker} that runs in all of them.
 */
final class PythonEnvironments {
  private static final Logger LOG = LoggerFactory.getLogger(PythonEnvironments.class);
  /** In a model's folder. */
  private static final String REQUIREMENTS = "requirements.txt";
  /** What the worker itself needs, as ranges: the model's own pins decide within them. */
  private static final String OWN_REQUIREMENTS = "worker-requirements.txt";
  /** There once all is installed: an environment without it was cut short. */
  private static final String COMPLETE = "complete";

  private final Path directory;
  private final WorkerSettings settings;

  PythonEnvironments(Path directory, WorkerSettings settings) {
    this.directory = directory;
    this.settings = settings;
  }

  /** The Python of the environment that the model in that folder asks for; blocks until it is made. */
  synchronized Path interpreter(Path model) throws ModelLoadException {
    try {
      String requirements = own() + (Files.exists(model.resolve(REQUIREMENTS)) ? Files.readString(model.resolve(REQUIREMENTS)) : "");
      Path environment = directory.resolve("environment-" + hash(requirements));
      if (!Files.exists(environment.resolve(COMPLETE))) {
        make(environment, requirements);
      }
      return environment.resolve("bin").resolve("python");
    } catch (IOException failed) {
      throw new ModelLoadException("the model's Python environment cannot be made: " + failed.getMessage(), failed);
    }
  }

  /** A folder to import {@code clipper_worker} from, unpacked anew by each node: it is this node's version of it. */
  synchronized Path workerPackage() throws ModelLoadException {
    try {
      return WorkerPackage.unpack(directory.resolve("worker"));
    } catch (IOException failed) {
      throw new ModelLoadException("the Python worker cannot be unpacked: " + failed.getMessage(), failed);
    }
  }

  private void make(Path environment, String requirements) throws IOException, ModelLoadException {
    LOG.info("makes a Python environment for {}", requirements.lines().filter(line -> !line.isBlank()).toList());
    delete(environment);
    Files.createDirectories(environment);
    Path pins = Files.writeString(environment.resolve(REQUIREMENTS), requirements);
    run(List.of(settings.python(), "-m", "venv", environment.toString()));
    run(
        List.of(
            environment.resolve("bin").resolve("python").toString(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--no-input", "-r", pins.toString()));
    Files.createFile(environment.resolve(COMPLETE));
  }

  private void run(List<String> command) throws IOException, ModelLoadException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
      process.getOutputStream().close();
      if (!process.waitFor(settings.environmentTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly();
        throw new ModelLoadException("the model's Python environment is not made after %s: %s".formatted(settings.environmentTimeout(), last(output)));
      }
      if (process.exitValue() != 0) {
        throw new ModelLoadException("the model's Python environment cannot be made: " + last(output));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", interrupted);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static String last(Path output) throws IOException {
    Tail tail = new Tail();
    Files.readAllLines(output).forEach(tail::add);
    return tail.text();
  }

  private static String own() throws IOException {
    try (InputStream own = PythonEnvironments.class.getResourceAsStream(OWN_REQUIREMENTS)) {
      if (own == null) {
        throw new IOException(OWN_REQUIREMENTS + " is not in this build");
      }
      return new String(own.readAllBytes(), StandardCharsets.UTF_8) + "\n";
    }
  }

  private static String hash(String requirements) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(requirements.getBytes(StandardCharsets.UTF_8))).substring(0, 16);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> inside = Files.walk(folder)) {
        for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
