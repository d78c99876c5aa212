package io.clipper;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

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
}
