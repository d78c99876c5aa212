package io.clipper.model.runtime;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** A copy of a model behind a wire: it can be asked whether it still serves, and be given up when it does not. */
public interface RemoteRuntime extends ModelRuntime {
  /** Whether the server says within that time that it has this model; asked apart from predictions, so that a busy one is not taken for a dead one. */
  CompletionStage<Boolean> isReady(Duration timeout);

  /** Says that the copy is gone, and fails what it holds; the first reason counts. */
  void giveUp(String reason);
}
