package io.clipper.replica;

import io.clipper.Aside;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;

/**
 * Where models are loaded and warmed up: blocking work, off the serving threads, and none behind what may take longer.
 *
 * @param first of what was never ready: it may have to make an environment, or never come up
 * @param again of what was ready before it stopped by itself: queries wait for it
 * @param elsewhere of what somebody else's server runs: it costs this node nothing but the wait
 */
public record LoadingThreads(Executor first, Executor again, Executor elsewhere) {
  public static LoadingThreads of(ActorSystem<?> system) {
    return new LoadingThreads(dispatcher(system, "clipper.loading-dispatcher"), dispatcher(system, "clipper.restarting-dispatcher"), Aside.THREADS);
  }

  private static Executor dispatcher(ActorSystem<?> system, String path) {
    return system.dispatchers().lookup(DispatcherSelector.fromConfig(path));
  }

  /** Those for a first load. */
  public Executor of(RuntimeSpec spec) {
    return of(spec, false);
  }

  /** @param wasReady whether a copy was, which has stopped by itself since */
  Executor of(RuntimeSpec spec, boolean wasReady) {
    return spec instanceof RuntimeSpec.Endpoint ? elsewhere : wasReady ? again : first;
  }
}
