package io.clipper.model.runtime;

import io.clipper.model.ModelId;
import java.nio.file.Path;
import java.util.Optional;

/** Loads one kind of model; found by {@code ServiceLoader}. */
public interface RuntimeProvider {
  /** The kind it loads: {@code onnx}, or the one that {@link RuntimeSpec.PlugIn} names. */
  String kind();

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
