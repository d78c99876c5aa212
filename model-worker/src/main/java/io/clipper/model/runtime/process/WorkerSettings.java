package io.clipper.model.runtime.process;

import java.time.Duration;

/**
 * How worker processes are started, watched and stopped.
 *
 * @param startTimeout until a worker says that it is ready
 * @param healthInterval between an answer and the next check
 * @param healthTimeout for the answer to a check
 * @param missesAllowed checks in a row without an answer before a worker counts as hung
 * @param stopTimeout for a worker to end by itself once its standard input is closed
 * @param python what makes the environments of Python models
 * @param environmentTimeout to make one
 */
public record WorkerSettings(
    Duration startTimeout,
    Duration healthInterval,
    Duration healthTimeout,
    int missesAllowed,
    Duration stopTimeout,
    String python,
    Duration environmentTimeout) {
  public WorkerSettings {
    if (missesAllowed < 1) {
      throw new IllegalArgumentException("%d misses allowed is below 1".formatted(missesAllowed));
    }
  }
}
