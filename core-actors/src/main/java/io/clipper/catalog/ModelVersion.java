package io.clipper.catalog;

import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.List;
import java.util.Optional;

/**
 * One immutable version of a model.
 *
 * @param artifact the SHA-256 of its bytes, in lower-case hexadecimal, where it has any
 * @param labels free words of whoever deployed it
 * @param containerName what the original's clients send; kept and shown
 * @param modelDataPath what the original's clients send; kept and shown
 * @param batchSize a fixed batch size, or −1 for an adaptive one
 * @param cached whether its predictions may be kept
 */
public record ModelVersion(
    ModelId id,
    Signature signature,
    RuntimeSpec runtime,
    Optional<String> artifact,
    List<String> labels,
    String containerName,
    String modelDataPath,
    int batchSize,
    boolean cached) {
  public static final int ADAPTIVE = -1;

  public ModelVersion {
    labels = List.copyOf(labels);
    if (batchSize != ADAPTIVE && batchSize < 1) {
      throw new IllegalArgumentException("The batch size must be positive or DEFAULT_BATCH_SIZE, which is -1");
    }
  }

  /** A version with an adaptive batch and a cache, as most have. */
  public static ModelVersion of(ModelId id, Signature signature, RuntimeSpec runtime, Optional<String> artifact) {
    return new ModelVersion(id, signature, runtime, artifact, List.of(), "", "", ADAPTIVE, true);
  }
}
