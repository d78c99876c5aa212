package io.clipper;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Where blocking work is done that somebody else may wait for: a thread of its own for each, so that none waits for a free one. */
public final class Aside {
  public static final Executor THREADS = task -> Thread.ofVirtual().name("clipper-aside").start(task);

  private Aside() {}

  /** Fails with what the work throws. */
  public static <T> CompletionStage<T> call(Callable<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.call();
          } catch (Exception failed) {
            throw new CompletionException(failed);
          }
        },
        THREADS);
  }
}
