package io.clipper.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Whoever waits at the other end of one connection or call. When it leaves, what it still waits for is cancelled. */
public final class Caller {
  /** What is done is not looked for below this: a few references. */
  private static final int FEW = 64;

  private final List<CompletableFuture<?>> awaited = new ArrayList<>(1);
  private int many = FEW;
  private boolean gone;

  /** Gives the same stage back. */
  public <T> CompletionStage<T> awaits(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (!add(future)) {
      future.cancel(false);
    }
    return stage;
  }

  /** Nothing more is awaited. */
  public synchronized void answered() {
    awaited.clear();
  }

  /** Nobody hears of anything any more. */
  public void left() {
    List<CompletableFuture<?>> unheard;
    synchronized (this) {
      gone = true;
      unheard = List.copyOf(awaited);
      awaited.clear();
    }
    unheard.forEach(future -> future.cancel(false));
  }

  private synchronized boolean add(CompletableFuture<?> future) {
    if (gone) {
      return false;
    }
    if (awaited.size() >= many) {
      awaited.removeIf(CompletableFuture::isDone);
      many = Math.max(FEW, 2 * awaited.size());
    }
    awaited.add(future);
    return true;
  }
}
