package io.clipper.application;

import com.typesafe.config.Config;
import io.clipper.model.runtime.process.WorkerSettings;

/** Where a node's settings say how its worker processes are run. */
final class WorkerConfig {
  private WorkerConfig() {}

  /** Reads {@code clipper.worker}. */
  static WorkerSettings settings(Config config) {
    Config worker = config.getConfig("clipper.worker");
    return new WorkerSettings(
        worker.getDuration("start-timeout"),
        worker.getDuration("health-interval"),
        worker.getDuration("health-timeout"),
        worker.getInt("health-misses"),
        worker.getDuration("stuck-timeout"),
        worker.getDuration("stop-timeout"),
        worker.getString("python"),
        worker.getDuration("environment-timeout"),
        worker.getDuration("environment-age"));
  }
}
