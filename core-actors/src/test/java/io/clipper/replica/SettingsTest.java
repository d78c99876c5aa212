package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.batch.Fixed;
import io.clipper.batch.QuantileRegression;
import io.clipper.batch.RateMatched;
import io.clipper.cache.CacheSettings;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.BatchSettings.Choice;
import io.clipper.replica.BatchSettings.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SettingsTest {
  /** The text file until its keys are part of reference.conf. */
  static final Config DEFAULTS = ConfigFactory.load();

  @Test
  void theDefaultsAreThoseOfTheReference() {
    assertThat(CacheSettings.of(DEFAULTS)).isEqualTo(new CacheSettings(64 << 20, Optional.empty()));
    assertThat(RouterSettings.of(DEFAULTS)).isEqualTo(new RouterSettings(16_384));
    assertThat(ReplicaSettings.of(DEFAULTS))
        .isEqualTo(
            new ReplicaSettings(
                16_384,
                new BatchSettings(new Choice(Kind.RATE_MATCHED, Duration.ofMillis(2)), Map.of(), 1024, 1, 2, 256),
                Duration.ofSeconds(60), new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                new CrashLimit(5, Duration.ofMinutes(10))));
  }

  @Test
  void everyKeyIsRead() {
    Config changed =
        ConfigFactory.parseString(
                """
                clipper.cache { max-bytes = 1 KiB, time-to-live = 5 m }
                clipper.replica { queue-limit = 7, max-batch-rows = 8, warm-up-timeout = 9 s, min-back-off = 2 s, max-back-off = 3 s }
                clipper.replica { crash-limit = 4, crash-window = 1 m }
                clipper.replica.batching { controller = delayed, delay = 5 ms, in-process-depth = 4, remote-depth = 5, pass-through-depth = 6 }
                clipper.replica.batching.models { "a.b" { controller = aimd }, c { delay = 1 ms } }
                clipper.router.max-flights = 6
                """)
            .withFallback(DEFAULTS);

    assertThat(CacheSettings.of(changed)).isEqualTo(new CacheSettings(1024, Optional.of(Duration.ofMinutes(5))));
    assertThat(RouterSettings.of(changed)).isEqualTo(new RouterSettings(6));
    assertThat(ReplicaSettings.of(changed))
        .isEqualTo(
            new ReplicaSettings(
                7,
                new BatchSettings(
                    new Choice(Kind.DELAYED, Duration.ofMillis(5)),
                    Map.of(
                        "a.b", new Choice(Kind.AIMD, Duration.ofMillis(5)), "c", new Choice(Kind.DELAYED, Duration.ofMillis(1))),
                    8,
                    4,
                    5,
                    6),
                Duration.ofSeconds(9), new BackOff(Duration.ofSeconds(2), Duration.ofSeconds(3)),
                new CrashLimit(4, Duration.ofMinutes(1))));
  }

  @Test
  void aVersionHasTheSizeItAsksForElseTheControllerOfItsModel() {
    Config changed =
        ConfigFactory.parseString("clipper.replica.batching.models { slow.controller = quantile-regression, greedy.controller = fixed }")
            .withFallback(DEFAULTS);
    BatchSettings settings = ReplicaSettings.of(changed).batching();
    Duration objective = Duration.ofMillis(10);

    assertThat(settings.controller(version("slow", 64), objective)).isEqualTo(new Fixed(64));
    assertThat(settings.controller(version("slow", ModelVersion.ADAPTIVE), objective)).isEqualTo(QuantileRegression.upTo(1024, objective));
    assertThat(settings.controller(version("greedy", ModelVersion.ADAPTIVE), objective)).isEqualTo(new Fixed(1024));
    assertThat(settings.controller(version("other", ModelVersion.ADAPTIVE), objective)).isEqualTo(new RateMatched(1024, objective));
    assertThat(settings.depth(version("other", 1))).isEqualTo(1);
    BatchSettings bounded = settings.upTo(OptionalInt.of(32));
    assertThat(bounded.controller(version("slow", ModelVersion.ADAPTIVE), objective)).isEqualTo(QuantileRegression.upTo(32, objective));
    assertThat(bounded.controller(version("other", ModelVersion.ADAPTIVE), objective)).isEqualTo(new RateMatched(32, objective));
    assertThat(settings.upTo(OptionalInt.of(5000))).isEqualTo(settings.upTo(OptionalInt.empty())).isEqualTo(settings);
  }

  /** Its rows would otherwise wait twice: here for a batch to fill, and there. */
  @Test
  void whereAServerGathersTheBatchesNoneIsGatheredHere() {
    BatchSettings settings = ReplicaSettings.of(DEFAULTS).batching();
    ModelVersion passed = endpoint(true);
    ModelVersion gathered = endpoint(false);

    assertThat(settings.controller(passed, Duration.ofMillis(10))).isEqualTo(new Fixed(1));
    assertThat(settings.depth(passed)).isEqualTo(256);
    assertThat(settings.controller(gathered, Duration.ofMillis(10))).isEqualTo(new RateMatched(1024, Duration.ofMillis(10)));
    assertThat(settings.depth(gathered)).isEqualTo(2);
  }

  @Test
  void whatCannotWorkIsRefusedByName() {
    assertThatThrownBy(() -> RouterSettings.of(ConfigFactory.parseString("clipper.router.max-flights = 0").withFallback(DEFAULTS)))
        .hasMessage("clipper.router.max-flights 0 is below 1");
    assertThatThrownBy(
            () -> ReplicaSettings.of(ConfigFactory.parseString("clipper.replica.batching.controller = tcp").withFallback(DEFAULTS)))
        .hasMessageContaining("'tcp' is none of rate-matched, fixed, aimd");
  }

  @Test
  void pausesDoubleUpToTheLongestWithAFifthOfChance() {
    BackOff backOff = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(60));
    Random random = new Random(1);

    for (int i = 0; i < 100; i++) {
      assertThat(backOff.after(1, random)).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1200));
      assertThat(backOff.after(4, random)).isBetween(Duration.ofSeconds(8), Duration.ofMillis(9600));
      assertThat(backOff.after(1000, random)).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(72));
      assertThat(backOff.longest(random)).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(72));
    }
    assertThat(Stream.generate(() -> backOff.after(1000, random)).limit(10)).as("copies that failed together").doesNotHaveDuplicates();
    assertThat(Stream.generate(() -> backOff.longest(random)).limit(10)).doesNotHaveDuplicates();
  }

  private static ModelVersion endpoint(boolean passThrough) {
    RuntimeSpec.Endpoint server = new RuntimeSpec.Endpoint("grpc://server:8001", "theirs", "", Optional.empty(), passThrough);
    return ModelVersion.of(new ModelId("theirs", "1"), Signature.named("floats"), server, Optional.empty());
  }

  private static ModelVersion version(String model, int batchSize) {
    return new ModelVersion(
        new ModelId(model, "1"), Signature.named("doubles"), new RuntimeSpec.Onnx(), Optional.empty(), List.of(), "", "", batchSize, true);
  }
}
