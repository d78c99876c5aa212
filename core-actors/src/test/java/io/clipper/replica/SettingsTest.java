package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.cache.CacheSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SettingsTest {
  /** The text file until its keys are part of reference.conf. */
  static final Config DEFAULTS = ConfigFactory.load();

  @Test
  void theDefaultsAreThoseOfTheReference() {
    assertThat(CacheSettings.of(DEFAULTS)).isEqualTo(new CacheSettings(64 << 20, Optional.empty()));
    assertThat(RouterSettings.of(DEFAULTS)).isEqualTo(new RouterSettings(10_000));
    assertThat(ReplicaSettings.of(DEFAULTS))
        .isEqualTo(
            new ReplicaSettings(10_000, 1024, Duration.ofSeconds(60), new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(60))));
  }

  @Test
  void everyKeyIsRead() {
    Config changed =
        ConfigFactory.parseString(
                """
                clipper.cache { max-bytes = 1 KiB, time-to-live = 5 m }
                clipper.replica { queue-limit = 7, max-batch-rows = 8, warm-up-timeout = 9 s, min-back-off = 2 s, max-back-off = 3 s }
                clipper.router.max-flights = 6
                """)
            .withFallback(DEFAULTS);

    assertThat(CacheSettings.of(changed)).isEqualTo(new CacheSettings(1024, Optional.of(Duration.ofMinutes(5))));
    assertThat(RouterSettings.of(changed)).isEqualTo(new RouterSettings(6));
    assertThat(ReplicaSettings.of(changed))
        .isEqualTo(new ReplicaSettings(7, 8, Duration.ofSeconds(9), new BackOff(Duration.ofSeconds(2), Duration.ofSeconds(3))));
  }

  @Test
  void whatCannotWorkIsRefusedByName() {
    assertThatThrownBy(() -> RouterSettings.of(ConfigFactory.parseString("clipper.router.max-flights = 0").withFallback(DEFAULTS)))
        .hasMessage("clipper.router.max-flights 0 is below 1");
  }

  @Test
  void pausesDoubleUpToTheLongestWithAFifthOfChance() {
    BackOff backOff = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(60));
    Random random = new Random(1);

    for (int i = 0; i < 100; i++) {
      assertThat(backOff.after(1, random)).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1200));
      assertThat(backOff.after(4, random)).isBetween(Duration.ofSeconds(8), Duration.ofMillis(9600));
      assertThat(backOff.after(1000, random)).isEqualTo(Duration.ofSeconds(60));
    }
  }
}
