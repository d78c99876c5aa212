package io.clipper.artifact;

import java.util.concurrent.Executor;

/** Where blocking work is done that somebody else may wait for: a thread of its own for each, so that none waits for a free one. */
final class Aside {
  static final Executor THREADS = task -> Thread.ofVirtual().name("clipper-artifact").start(task);

  private Aside() {}
}
