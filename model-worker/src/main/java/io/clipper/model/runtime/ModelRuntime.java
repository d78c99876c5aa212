package io.clipper.model.runtime;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** One loaded copy of a model. Its replica sends one batch at a time; {@link #close} comes after the last has returned. */
public interface ModelRuntime extends AutoCloseable {
  /** What the model takes, without the batch dimension. */
  Signature signature();

  /**
   * One output for each input, in order. Never blocks its caller. A batch fails as a whole: the stage completes with the model's own
   * error.
   */
  CompletionStage<List<Output>> predict(List<Input> batch);

  /** Frees what the model holds. */
  @Override
  void close();
}
