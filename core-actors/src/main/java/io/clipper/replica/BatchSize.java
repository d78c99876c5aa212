package io.clipper.replica;

import io.clipper.catalog.ModelVersion;
import java.time.Duration;

/** The most rows the next batch may have. Immutable: a batch's outcome gives the next value. */
public interface BatchSize {
  int value();

  /** After a batch of that many rows, which took that long. */
  BatchSize after(int rows, Duration latency);

  /** The same with another objective for a batch's latency. */
  BatchSize aimingAt(Duration objective);

  /** The fixed size that the version asks for, else an adaptive one that starts with single rows. */
  static BatchSize of(ModelVersion version, int max, Duration objective) {
    return version.batchSize() == ModelVersion.ADAPTIVE
        ? new AimdBatchSize(1, max, objective)
        : new FixedBatchSize(version.batchSize());
  }
}
