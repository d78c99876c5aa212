package io.clipper;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What actors answer, on its way to whoever waits. A stage as Pekko hands it out runs every step that follows on the JVM's common pool,
 * where a program that embeds the server may block.
 */
public final class Answers {
  private Answers() {}

  /** The same answer, whose next steps run on the thread that brings it: they must not block. */
  public static <T> CompletionStage<T> here(CompletionStage<T> answer) {
    CompletableFuture<T> here = new CompletableFuture<>();
    answer.whenCompleteAsync(
        (value, failure) -> {
          if (failure == null) {
            here.complete(value);
          } else {
            here.completeExceptionally(failure);
          }
        },
        Runnable::run);
    return here;
  }

  /** The same answer, or that refusal where something has ended before it was there. */
  public static <T> CompletionStage<T> unlessEnded(CompletionStage<T> answer, CompletionStage<?> end, Refused instead) {
    CompletableFuture<T> first = new CompletableFuture<>();
    answer.whenCompleteAsync(
        (value, failure) -> {
          if (failure == null) {
            first.complete(value);
          } else {
            // What fails on account of the end says less than the refusal.
            first.completeExceptionally(end.toCompletableFuture().isDone() ? instead : failure);
          }
        },
        Runnable::run);
    end.whenCompleteAsync((done, failure) -> first.completeExceptionally(instead), Runnable::run);
    return first;
  }

  /** What is asked, and asked again after a pause for as long as it is {@link Refused.Reason#UNAVAILABLE}; any other failure is the answer. */
  public static <T> CompletionStage<T> onceAvailable(Supplier<CompletionStage<T>> asking, Duration pause) {
    return asking
        .get()
        .exceptionallyCompose(
            failure -> {
              Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null ? wrapped.getCause() : failure;
              return cause instanceof Refused refused && refused.reason() == Refused.Reason.UNAVAILABLE
                  ? CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS, Aside.THREADS))
                      .thenCompose(paused -> onceAvailable(asking, pause))
                  : CompletableFuture.failedStage(cause);
            });
  }
}
