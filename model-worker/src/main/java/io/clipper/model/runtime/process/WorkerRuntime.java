package io.clipper.model.runtime.process;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.oip.Health;
import io.clipper.model.runtime.oip.OipModelRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A copy of a model in a process of its own, which is watched: one that ends, hangs, is stuck in its model or outgrows its memory is lost, and
 * is ended.
 */
final class WorkerRuntime implements ModelRuntime {
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private final WorkerProcess process;
  private final OipModelRuntime model;
  private final Optional<Long> memoryBytes;
  private final Optional<String> stuck;
  private final WorkerSettings settings;
  private final ScheduledExecutorService clock;
  private volatile boolean closed;
  private volatile Future<?> nextCheck = CompletableFuture.completedFuture(null);

  private WorkerRuntime(
      WorkerProcess process,
      OipModelRuntime model,
      Optional<Long> memoryBytes,
      Optional<String> stuck,
      WorkerSettings settings,
      ScheduledExecutorService clock) {
    this.process = process;
    this.model = model;
    this.memoryBytes = memoryBytes;
    this.stuck = stuck;
    this.settings = settings;
    this.clock = clock;
  }

  /** @param stuck what it means when it says that it is not ready; empty of somebody's server, where this may pass */
  static WorkerRuntime watch(
      WorkerProcess process,
      OipModelRuntime model,
      Optional<Long> memoryBytes,
      Optional<String> stuck,
      WorkerSettings settings,
      ScheduledExecutorService clock) {
    WorkerRuntime runtime = new WorkerRuntime(process, model, memoryBytes, stuck, settings, clock);
    process.exited().thenAccept(model::giveUp);
    runtime.checkLater(Health.unharmed(settings.missesAllowed()));
    return runtime;
  }

  @Override
  public Signature signature() {
    return model.signature();
  }

  @Override
  public OptionalInt maxBatchRows() {
    return model.maxBatchRows();
  }

  @Override
  public Optional<String> remark() {
    return model.remark();
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch) {
    return byItsEnd(model.predict(batch));
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch, Duration budget) {
    return byItsEnd(model.predict(batch, budget));
  }

  /** A connection is gone a moment before its process is known to have ended; what the process said last is the better reason. */
  private CompletionStage<List<Output>> byItsEnd(CompletionStage<List<Output>> outputs) {
    return outputs.exceptionallyCompose(
        failure -> {
          Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
          return cause instanceof CopyLostException gone
              ? model.lost().toCompletableFuture().completeOnTimeout(gone, LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS).thenCompose(CompletableFuture::failedFuture)
              : CompletableFuture.failedFuture(failure);
        });
  }

  @Override
  public CompletionStage<CopyLostException> lost() {
    return model.lost();
  }

  @Override
  public void close() {
    closed = true;
    nextCheck.cancel(false);
    model.close();
    process.stop(settings.stopTimeout());
  }

  private void checkLater(Health health) {
    nextCheck = clock.schedule(() -> check(health), settings.healthInterval().toNanos(), TimeUnit.NANOSECONDS);
  }

  private void check(Health health) {
    if (closed || model.lost().toCompletableFuture().isDone()) {
      return;
    }
    if (memoryBytes.isPresent()) {
      long resident = process.residentBytes();
      if (resident > memoryBytes.get()) {
        end("the worker uses %d MiB, more than its %d MiB".formatted(resident >> 20, memoryBytes.get() >> 20));
        return;
      }
    }
    model.saysReady(settings.healthTimeout()).thenAccept(said -> onChecked(health, said));
  }

  /** A worker of ours that serves says that it is not ready when its model is stuck, and not otherwise. */
  private void onChecked(Health before, Optional<Boolean> said) {
    boolean saidNo = said.isPresent() && !said.get();
    Health health = before.after(said.isPresent() && !saidNo);
    if (saidNo && stuck.isPresent()) {
      end(stuck.get());
    } else if (health.isLost()) {
      end(
          saidNo
              ? "the worker says that it is not ready, %d health checks in a row".formatted(health.missed())
              : "the worker left %d health checks of %s unanswered".formatted(health.missed(), settings.healthTimeout()));
    } else if (!closed) {
      checkLater(health);
    }
  }

  private void end(String reason) {
    if (!closed) {
      model.giveUp(reason);
      process.kill();
    }
  }
}
