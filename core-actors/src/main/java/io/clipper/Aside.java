package io.clipper;

import java.util.concurrent.Executor;

/** Where blocking work is done that somebody else may wait for: a thread of its own for each, so that none waits for a free one. */
public final class Aside {
  public static final Executor THREADS = task -> Thread.ofVirtual().name("clipper-aside").start(task);

  private Aside() {}
}
