package io.clipper.model.runtime;

import io.clipper.model.ModelId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Loads one kind of model; found by {@code ServiceLoader}. */
public interface RuntimeProvider {
  /** The kind it loads: {@code onnx}, or the one that {@link RuntimeSpec.PlugIn} names. */
  String kind();

  /**
   * Makes what has to be there before a copy can be loaded, where that may take long; holds no thread of the caller's meanwhile. Completes
   * when it is there, or fails with {@link ModelLoadException}.
   */
  default CompletionStage<Void> prepare(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
    return CompletableFuture.completedStage(null);
  }

  /**
   * Loads a copy; blocks until it can predict. Called off the serving threads.
   *
   * @param artifact the stored file or folder, where the version has one
   * @throws ModelLoadException with a message for whoever deployed the model
   */
  ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException;

  /** The same, for a provider that has use for the version's name. */
  default ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    return load(spec, artifact, threads);
  }
}
