package io.clipper;

import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;

/**
 * Where what is served is decided and followed: the catalog, placement, copies' coming and going, and whoever asks for these. A change takes
 * some milliseconds of code that runs rarely, and no query waits behind it for a thread.
 */
public final class Managing {
  /** Of actors. */
  public static final DispatcherSelector DISPATCHER = DispatcherSelector.fromConfig("clipper.managing-dispatcher");

  private Managing() {}

  /** Not for what blocks: see {@link Aside}. */
  public static Executor threads(ActorSystem<?> system) {
    return system.dispatchers().lookup(DISPATCHER);
  }
}
