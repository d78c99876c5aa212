package io.clipper.model.runtime;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One loaded copy of a model. Its replica sends one batch at a time; {@link #close} comes after the last has returned, save for a copy behind
 * a wire, which may be closed under a batch that takes too long.
 */
public interface ModelRuntime extends AutoCloseable {
  /** What the model takes, without the batch dimension. */
  Signature signature();

  /**
   * One output for each input, in order. Never blocks its caller. A batch fails as a whole: the stage completes with the model's own
   * error, or with {@link CopyLostException} where this copy went away under it.
   */
  CompletionStage<List<Output>> predict(List<Input> batch);

  /** The same, for answers that nobody wants later than that: a runtime elsewhere passes it on, and may fail the batch once it is over. */
  default CompletionStage<List<Output>> predict(List<Input> batch, Duration budget) {
    return predict(batch);
  }

  /** The most rows it takes at once; empty where it has no bound of its own. */
  default OptionalInt maxBatchRows() {
    return OptionalInt.empty();
  }

  /**
   * Completes, with the reason, once this copy can no longer predict, and with it every batch that it holds; one that lives in this JVM
   * lives as long.
   */
  default CompletionStage<CopyLostException> lost() {
    return new CompletableFuture<>();
  }

  /** What its operator should know of how it works, for people to read. */
  default Optional<String> remark() {
    return Optional.empty();
  }

  /** Frees what the model holds. */
  @Override
  void close();
}
