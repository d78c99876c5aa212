package io.clipper.model.runtime.process;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * How worker processes are started, watched and stopped.
 *
 * @param startTimeout until a worker says that it is ready
 * @param healthInterval between an answer and the next check
 * @param healthTimeout for the answer to a check
 * @param missesAllowed checks in a row without an answer before a worker counts as hung
 * @param stuckTimeout for one of the batches that are with the model to come back, before it counts as stuck
 * @param stopTimeout for a worker to end by itself once its standard input is closed
 * @param python what makes the environments of Python models
 * @param environmentTimeout to make one
 * @param environmentAge how long one that nobody asks for is kept
 */
public record WorkerSettings(
    Duration startTimeout,
    Duration healthInterval,
    Duration healthTimeout,
    int missesAllowed,
    Duration stuckTimeout,
    Duration stopTimeout,
    String python,
    Duration environmentTimeout,
    Duration environmentAge) {
  public WorkerSettings {
    if (missesAllowed < 1) {
      throw new IllegalArgumentException("%d misses allowed is below 1".formatted(missesAllowed));
    }
    if (stuckTimeout.toMillis() < 1) {
      throw new IllegalArgumentException("a stuck timeout of %s is below 1 ms".formatted(stuckTimeout));
    }
  }

  /** The stuck timeout as a worker's command line, and a reader, have it. */
  String stuckSeconds() {
    return BigDecimal.valueOf(stuckTimeout.toMillis(), 3).stripTrailingZeros().toPlainString();
  }
}
