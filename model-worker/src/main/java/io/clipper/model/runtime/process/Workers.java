package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.WorkerOptions;
import io.clipper.model.runtime.oip.OipModelRuntime;
import io.clipper.model.runtime.oip.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/** One node's worker processes: where their sockets are, and who they are should the node end without ending them. */
public final class Workers {
  /** What a temporary directory's path may be long, so that a socket's in it is not too long. */
  private static final int LONGEST_DIRECTORY = 80;

  private final Path sockets;
  private final WorkerSettings settings;
  private final Orphans orphans;
  private final PythonEnvironments environments;
  private final Steps steps = new Steps();
  private final AtomicInteger started = new AtomicInteger();
  private final Set<WorkerProcess> running = new HashSet<>();
  private boolean ending;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("clipper-worker-watch").factory());

  private Workers(Path data, Path sockets, WorkerSettings settings, Orphans orphans) {
    this.sockets = sockets;
    this.settings = settings;
    this.orphans = orphans;
    this.environments = new PythonEnvironments(data.resolve("python"), settings, orphans);
  }

  /** In a node's folder; ends what an earlier node has left running there. */
  public static Workers open(Path data, WorkerSettings settings) {
    try {
      Files.createDirectories(data);
      return new Workers(data, socketDirectory(), settings, Orphans.sweep(data.resolve("workers")));
    } catch (IOException failed) {
      throw new UncheckedIOException("worker processes cannot be started from " + data, failed);
    }
  }

  /** Models in processes, for {@link io.clipper.model.runtime.Runtimes#with}. */
  public List<RuntimeProvider> providers() {
    return List.of(new IsolatedProvider(this), new PythonProvider(this, environments, steps), new CommandProvider(this, steps));
  }

  /** What each Python model that is being started here waits for, in a line. */
  public Map<ModelId, String> steps() {
    return steps.all();
  }

  /** A command that is told by its last arguments where to listen. */
  interface Command {
    List<String> listeningAt(String target);
  }

  /** Starts a worker and waits until it serves; on failure nothing of it is left. */
  ModelRuntime start(ModelId model, Command command, WorkerOptions options, Optional<Signature> declared) throws ModelLoadException {
    List<String> line = with(command.listeningAt(nextTarget()), "--stuck-timeout", settings.stuckSeconds());
    WorkerProcess process = launch(model, line, options.environment(), Optional.empty());
    try {
      String target = process.awaitReady(settings.startTimeout());
      OipModelRuntime runtime = OipModelRuntime.connect(target, model.name(), model.version(), declared, settings.startTimeout());
      String stuck = "the worker has not returned a batch for %s s".formatted(settings.stuckSeconds());
      return WorkerRuntime.watch(process, runtime, options.memoryBytes(), Optional.of(stuck), settings, clock);
    } catch (ModelLoadException | RuntimeException failed) {
      process.kill();
      throw failed;
    }
  }

  /** Starts somebody's server and waits until it has its model ready; on failure nothing of it is left. */
  ModelRuntime start(ModelId model, ServerCommand server, Optional<Long> memoryBytes, ServerStart.Connecting connecting) throws ModelLoadException {
    List<String> line = Supervision.of(server.words(), settings.stopTimeout());
    WorkerProcess process = launch(model, line, server.environment(), server.directory());
    try {
      OipModelRuntime runtime = ServerStart.connected(process, connecting, settings.startTimeout());
      return WorkerRuntime.watch(process, runtime, memoryBytes, Optional.empty(), settings, clock);
    } catch (ModelLoadException | RuntimeException failed) {
      process.kill();
      throw failed;
    }
  }

  /** Where a worker may make its socket: nobody's before. */
  Path nextSocket() {
    return sockets.resolve(started.incrementAndGet() + ".sock");
  }

  /**
   * Starts no more, and lets those that run end by themselves for a while; ends what makes an environment. Completes when none runs and
   * nothing of them is written any more: the node's folder may be used again, or deleted.
   */
  public synchronized CompletionStage<Void> end() {
    ending = true;
    CompletableFuture<?>[] ends =
        running.stream()
            .map(process -> process.stop(settings.stopTimeout()).thenCombine(process.exited(), (stopped, how) -> how).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(CompletableFuture.allOf(ends), environments.end().toCompletableFuture()).thenRun(this::cleanUp);
  }

  private synchronized WorkerProcess launch(ModelId model, List<String> command, Map<String, String> environment, Optional<Path> directory)
      throws ModelLoadException {
    if (ending) {
      throw new ModelLoadException("the node stops");
    }
    WorkerProcess process = WorkerProcess.start(model, command, environment, directory, orphans);
    running.add(process);
    process.exited().thenRun(() -> forget(process));
    return process;
  }

  private synchronized void forget(WorkerProcess process) {
    running.remove(process);
  }

  private void cleanUp() {
    clock.shutdownNow();
    if (!Files.exists(sockets)) {
      return; // ended before
    }
    try (var leftovers = Files.list(sockets)) {
      for (Path socket : leftovers.toList()) {
        Files.deleteIfExists(socket);
      }
      Files.deleteIfExists(sockets);
    } catch (IOException failed) {
      throw new UncheckedIOException("the workers' sockets cannot be removed", failed);
    }
  }

  private String nextTarget() {
    return Transport.hasUnixSockets() ? "unix:" + nextSocket() : "127.0.0.1:0";
  }

  /** Only its owner may look into it. */
  private static Path socketDirectory() throws IOException {
    Path usual = Files.createTempDirectory("clipper-");
    if (usual.toString().length() <= LONGEST_DIRECTORY) {
      return usual;
    }
    Files.delete(usual);
    return Files.createTempDirectory(Path.of("/tmp"), "clipper-");
  }

  /** A worker's command line, flag by flag. */
  private static List<String> with(List<String> start, String... more) {
    List<String> command = new ArrayList<>(start);
    command.addAll(List.of(more));
    return command;
  }
}
