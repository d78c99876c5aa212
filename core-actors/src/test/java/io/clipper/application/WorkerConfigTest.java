package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.clipper.model.runtime.process.WorkerSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerConfigTest {
  @Test
  void theDefaultsAreThoseOfTheReference() {
    assertThat(WorkerConfig.settings(ConfigFactory.load()))
        .isEqualTo(
            new WorkerSettings(
                Duration.ofSeconds(120), Duration.ofSeconds(1), Duration.ofSeconds(2), 3, Duration.ofSeconds(60), Duration.ofSeconds(5), "python3",
                Duration.ofMinutes(10), Duration.ofDays(30)));
  }

  @Test
  void everyKeyIsRead() {
    String keys =
        "start-timeout=1s, health-interval=2s, health-timeout=3s, health-misses=4, stuck-timeout=5s, stop-timeout=6s, python=python4, environment-timeout=7s, "
            + "environment-age=8d";

    assertThat(WorkerConfig.settings(ConfigFactory.parseString("clipper.worker { %s }".formatted(keys))))
        .isEqualTo(
            new WorkerSettings(
                Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), 4, Duration.ofSeconds(5), Duration.ofSeconds(6), "python4",
                Duration.ofSeconds(7), Duration.ofDays(8)));
  }
}
