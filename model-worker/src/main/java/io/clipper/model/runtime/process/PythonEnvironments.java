package io.clipper.model.runtime.process;

import io.clipper.model.runtime.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's virtual environments, each made once from a model's pinned requirements and named by the hash of these and of the Python that
 * makes it, and the package {@code clipper_worker} that runs in all of them.
 */
final class PythonEnvironments {
  private static final Logger LOG = LoggerFactory.getLogger(PythonEnvironments.class);
  /** In a model's artifact, or in the folder there that is the model, as MLflow writes it. */
  private static final String REQUIREMENTS = "requirements.txt";
  /** What the worker itself needs, as ranges: the model's own pins decide within them. */
  private static final String OWN_REQUIREMENTS = "worker-requirements.txt";
  /** There once all is installed: an environment without it was cut short. */
  private static final String COMPLETE = "complete";
  private static final String PREFIX = "environment-";
  private static final String WHICH_PYTHON = "import sys, sysconfig; print(sys.implementation.cache_tag, sysconfig.get_platform())";
  private static final String IMPOSSIBLE = "the model's Python environment cannot be made: ";
  private static final String STOPS = "the node stops";

  private final Path directory;
  private final WorkerSettings settings;
  private final Orphans orphans;
  /** One environment at a time, so that nothing which only has to be started waits for one. */
  private final ExecutorService maker = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("clipper-environments").factory());
  private final Map<Path, CompletableFuture<Path>> making = new HashMap<>();
  private final Set<EnvironmentStep> running = new HashSet<>();
  /** Since the node started: workers may run in them, however long ago they were started. */
  private final Set<Path> asked = new HashSet<>();
  private boolean ending;

  PythonEnvironments(Path directory, WorkerSettings settings, Orphans orphans) {
    this.directory = directory;
    this.settings = settings;
    this.orphans = orphans;
  }

  /**
   * The Python of the environment that a model asks for. Blocks only to ask which Python the node has; completes when the environment is
   * made, or fails with {@link ModelLoadException}.
   *
   * @param artifact the folder that was deployed
   * @param model the file or folder in it that is served
   * @param progress hears what is being done
   */
  CompletionStage<Path> interpreter(Path artifact, Path model, Consumer<String> progress) {
    try {
      String requirements = own() + requirementsOf(artifact, model);
      Path environment = directory.resolve(PREFIX + hash(settings.python() + "\n" + whichPython() + "\n" + requirements));
      return made(environment, requirements, progress).thenApply(PythonEnvironments::used).thenApply(made -> made.resolve("bin").resolve("python"));
    } catch (IOException failed) {
      return CompletableFuture.failedStage(impossible(failed));
    } catch (ModelLoadException failed) {
      return CompletableFuture.failedStage(failed);
    }
  }

  /** Makes no more, and ends what makes one. Completes when nothing is written any more. */
  synchronized CompletionStage<Void> end() {
    ending = true;
    running.forEach(EnvironmentStep::stop);
    maker.shutdown();
    CompletableFuture<?>[] ends =
        Stream.concat(making.values().stream(), running.stream().map(EnvironmentStep::over)).map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(ends).handle((ended, failure) -> null);
  }

  /** Where workers keep the bytecode of what they import: pip would compile all that there is, which takes longer than to install it. */
  static Path bytecode(Path interpreter) {
    return interpreter.resolveSibling("..").resolve("bytecode").normalize();
  }

  /** A folder to import {@code clipper_worker} from, unpacked anew by each node: it is this node's version of it. */
  synchronized Path workerPackage() throws ModelLoadException {
    try {
      return WorkerPackage.unpack(directory.resolve("worker"));
    } catch (IOException failed) {
      throw new ModelLoadException("the Python worker cannot be unpacked: " + failed.getMessage(), failed);
    }
  }

  /** One that several wait for is made once. */
  private synchronized CompletionStage<Path> made(Path environment, String requirements, Consumer<String> progress) {
    asked.add(environment);
    if (Files.exists(environment.resolve(COMPLETE))) {
      return CompletableFuture.completedStage(environment);
    }
    progress.accept("its Python environment is waited for");
    CompletableFuture<Path> known = making.get(environment);
    if (known != null) {
      return known.copy();
    }
    if (ending) {
      return CompletableFuture.failedStage(new ModelLoadException(STOPS));
    }
    CompletableFuture<Path> made = CompletableFuture.runAsync(() -> makeOrFail(environment, requirements, progress), maker).thenApply(done -> environment);
    making.put(environment, made);
    return made.copy();
  }

  private synchronized void forget(Path environment) {
    making.remove(environment);
  }

  private void makeOrFail(Path environment, String requirements, Consumer<String> progress) {
    try {
      make(environment, requirements, progress);
    } catch (IOException failed) {
      throw new CompletionException(impossible(failed));
    } catch (ModelLoadException failed) {
      throw new CompletionException(failed);
    } finally {
      forget(environment); // before anyone knows, so that who tries again does not get the same failure
    }
  }

  private static ModelLoadException impossible(IOException failed) {
    return new ModelLoadException(IMPOSSIBLE + failed.getMessage(), failed);
  }

  /** When it was asked for last is the age of a file in it, which outlives the node. */
  private static Path used(Path environment) {
    try {
      Files.setLastModifiedTime(environment.resolve(COMPLETE), FileTime.from(Instant.now()));
    } catch (IOException unwritable) {
      LOG.warn("that {} is used cannot be noted: {}", environment, unwritable.getMessage());
    }
    return environment;
  }

  /** A version that was deleted long ago leaves its environment, and so does a node that was killed while it made one. */
  private void deleteUnused() throws IOException {
    List<Path> all;
    try (Stream<Path> inside = Files.list(directory)) {
      all = inside.filter(path -> path.getFileName().toString().startsWith(PREFIX) && !isAsked(path)).toList();
    }
    for (Path environment : all) {
      Path complete = environment.resolve(COMPLETE);
      if (!Files.exists(complete) || Files.getLastModifiedTime(complete).toInstant().isBefore(Instant.now().minus(settings.environmentAge()))) {
        LOG.info("deletes the Python environment {}, which no model uses any more", environment.getFileName());
        delete(environment);
      }
    }
  }

  private synchronized boolean isAsked(Path environment) {
    return asked.contains(environment);
  }

  /** One that fails, for whatever reason, leaves no folder. Before there is another, those that nobody uses any more make room. */
  private void make(Path environment, String requirements, Consumer<String> progress) throws IOException, ModelLoadException {
    Files.createDirectories(directory);
    deleteUnused();
    LOG.info("makes a Python environment for {}", requirements.lines().filter(line -> !line.isBlank()).toList());
    delete(environment);
    Files.createDirectories(environment);
    boolean complete = false;
    try {
      Path pins = Files.writeString(environment.resolve(REQUIREMENTS), requirements);
      progress.accept("its Python environment is made");
      run(List.of(settings.python(), "-m", "venv", environment.toString()), line -> { });
      run(
          List.of(
              environment.resolve("bin").resolve("python").toString(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
              "--no-compile", "--progress-bar", "off", "-r", pins.toString()),
          line -> progress.accept("its Python environment is made: " + line.strip()));
      Files.createFile(environment.resolve(COMPLETE));
      complete = true;
    } finally {
      if (!complete) {
        delete(environment);
      }
    }
  }

  /** What a system's update changes under the same name, and no environment survives: the language's version, and the machine. */
  private String whichPython() throws IOException, ModelLoadException {
    List<String> said = Collections.synchronizedList(new ArrayList<>());
    run(List.of(settings.python(), "-I", "-c", WHICH_PYTHON), said::add);
    return said.isEmpty() ? "" : said.getLast();
  }

  private void run(List<String> command, Consumer<String> line) throws IOException, ModelLoadException {
    EnvironmentStep step = start(command);
    try {
      switch (step.await(settings.environmentTimeout(), line)) {
        case EnvironmentStep.Done done -> { }
        case EnvironmentStep.Broken(var said) -> throw new ModelLoadException(isEnding() ? STOPS : IMPOSSIBLE + said);
        case EnvironmentStep.Late(var said) ->
            throw new ModelLoadException("the model's Python environment is not made after %s: %s".formatted(settings.environmentTimeout(), said));
      }
    } finally {
      forget(step);
    }
  }

  private synchronized EnvironmentStep start(List<String> command) throws IOException, ModelLoadException {
    if (ending) {
      throw new ModelLoadException(STOPS);
    }
    EnvironmentStep step = EnvironmentStep.start(command, settings.stopTimeout(), orphans);
    running.add(step);
    return step;
  }

  private synchronized void forget(EnvironmentStep step) {
    running.remove(step);
  }

  private synchronized boolean isEnding() {
    return ending;
  }

  private static String requirementsOf(Path artifact, Path model) throws IOException {
    for (Path folder : List.of(artifact, model)) {
      if (Files.exists(folder.resolve(REQUIREMENTS))) {
        return Files.readString(folder.resolve(REQUIREMENTS));
      }
    }
    return "";
  }

  private static String own() throws IOException {
    try (InputStream own = PythonEnvironments.class.getResourceAsStream(OWN_REQUIREMENTS)) {
      if (own == null) {
        throw new IOException(OWN_REQUIREMENTS + " is not in this build");
      }
      return new String(own.readAllBytes(), StandardCharsets.UTF_8) + "\n";
    }
  }

  private static String hash(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8))).substring(0, 16);
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
