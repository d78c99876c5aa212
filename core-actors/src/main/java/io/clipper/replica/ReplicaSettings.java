package io.clipper.replica;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How a node runs its replicas.
 *
 * @param queueLimit rows that may wait at one replica
 * @param warmUpTimeout what a warm-up batch may take before the copy counts as failed
 * @param backOff between the attempts to start a copy
 * @param crashLimit when a copy that stops by itself again and again counts as failed
 */
public record ReplicaSettings(int queueLimit, BatchSettings batching, Duration warmUpTimeout, BackOff backOff, CrashLimit crashLimit) {
  public ReplicaSettings {
    if (queueLimit < 1) {
      throw new IllegalArgumentException("clipper.replica.queue-limit %d is below 1".formatted(queueLimit));
    }
  }

  /** Reads {@code clipper.replica}. */
  public static ReplicaSettings of(Config config) {
    Config replica = config.getConfig("clipper.replica");
    return new ReplicaSettings(
        replica.getInt("queue-limit"),
        BatchSettings.of(config),
        replica.getDuration("warm-up-timeout"),
        new BackOff(replica.getDuration("min-back-off"), replica.getDuration("max-back-off")),
        new CrashLimit(replica.getInt("crash-limit"), replica.getDuration("crash-window")));
  }
}
