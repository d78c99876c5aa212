package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that serves a model for as long as its standard input is open. What it writes goes to the node's log, each line with the model
 * and the process that it is from.
 */
final class WorkerProcess {
  private static final String READY = "ready ";
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final ModelId model;
  private final Process process;
  private final Logger log;
  private final Tail tail = new Tail();
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> silent = new CompletableFuture<>();
  private final CompletableFuture<String> exited;

  /** @param forget run once it has ended, and all that it has started with it */
  private WorkerProcess(ModelId model, Process process, Mark mark, Runnable forget) {
    this.model = model;
    this.process = process;
    this.log = LoggerFactory.getLogger("io.clipper.worker." + model.name());
    read("stdout", process.getInputStream(), this::onOutput, () -> { });
    read("stderr", process.getErrorStream(), this::onError, () -> silent.complete(null));
    this.exited =
        process
            .onExit()
            .whenComplete((ended, failure) -> endWhatIsLeft(mark))
            .thenCompose(
                ended -> silent.copy().completeOnTimeout(null, LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS).thenApply(read -> epitaph(ended.exitValue())))
            .whenComplete((how, failure) -> forget.run());
  }

  /** Listed for as long as it runs; throws {@link ModelLoadException} for a command that cannot be run, or a process that cannot be listed. */
  static WorkerProcess start(ModelId model, List<String> command, Map<String, String> environment, Optional<Path> directory, Orphans orphans)
      throws ModelLoadException {
    ProcessBuilder builder = new ProcessBuilder(command);
    directory.map(Path::toFile).ifPresent(builder::directory);
    builder.environment().putAll(environment);
    Mark mark = Mark.fresh();
    mark.into(builder.environment());
    try {
      Process process = builder.start();
      return new WorkerProcess(model, process, mark, orphans.listed(process, mark));
    } catch (IOException refused) {
      throw new ModelLoadException("the worker cannot be started: " + refused.getMessage(), refused);
    }
  }

  /** Blocks until it says where it serves; throws {@link ModelLoadException} with its own last lines if it ends or takes too long. */
  String awaitReady(Duration timeout) throws ModelLoadException {
    try {
      CompletableFuture.anyOf(ready, exited).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw new ModelLoadException("the worker is not ready after %s%s".formatted(timeout, lastWords()), late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", interrupted);
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
    if (ready.isDone()) {
      return ready.join();
    }
    throw new ModelLoadException(exited.join());
  }

  /** Blocks for so long; throws {@link ModelLoadException} with its own last lines if it has ended by then. */
  void failIfEnded(Duration patience) throws ModelLoadException {
    try {
      throw new ModelLoadException(exited.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException itRuns) {
      // As it should.
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", interrupted);
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Completes when it has ended, with how. */
  CompletionStage<String> exited() {
    return exited.copy();
  }

  /** Of it and what it has started. */
  long residentBytes() {
    return Family.residentBytes(Family.of(process.toHandle()));
  }

  /** Lets it end by itself for a while; completes when it has, or has been killed, and with it what it has started. */
  CompletionStage<Void> stop(Duration patience) {
    List<ProcessHandle> family = Family.of(process.toHandle()); // what has lost its parent is not found later
    try {
      process.getOutputStream().close();
    } catch (IOException alreadyGone) {
      log.debug("its input was closed before", alreadyGone);
    }
    return process
        .onExit()
        .copy()
        .completeOnTimeout(process, patience.toMillis(), TimeUnit.MILLISECONDS)
        .thenAccept(
            ended -> {
              kill();
              Family.end(family);
            });
  }

  /** Ends it and what it has started. */
  void kill() {
    Family.end(Family.of(process.toHandle()));
  }

  /** Either finds what the other does not: who left the session, and who has written over its environment. */
  private void endWhatIsLeft(Mark mark) {
    Family.end(Family.session(process.pid()));
    Family.end(mark.bearers());
  }

  private void onOutput(String line) {
    if (line.startsWith(READY)) {
      ready.complete(line.substring(READY.length()).strip());
    } else {
      say(line);
    }
  }

  private void onError(String line) {
    tail.add(line);
    say(line);
  }

  /** In the message, since a console need not show a logger's name, and two copies of a model have the same. */
  private void say(String line) {
    log.info("{} (pid {}): {}", model, pid(), line);
  }

  private String epitaph(int status) {
    return "the worker ended with status %d%s".formatted(status, lastWords());
  }

  /** Empty, or what it has said last behind a colon. */
  String lastWords() {
    String said = tail.text();
    return said.isEmpty() ? "" : ": " + said;
  }

  private void read(String name, InputStream stream, Consumer<String> line, Runnable atEnd) {
    Thread.ofPlatform()
        .daemon()
        .name("worker-%s-%s".formatted(model, name))
        .start(
            () -> {
              try (stream) {
                Lines.read(stream, line);
              } catch (IOException closed) {
                log.debug("its {} is closed", name, closed);
              } finally {
                atEnd.run();
              }
            });
  }
}
