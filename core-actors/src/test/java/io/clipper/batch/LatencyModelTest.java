package io.clipper.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyModelTest {
  @Test
  void findsTheLineThatLatenciesLieOn() {
    LatencyModel model = LatencyModel.UNKNOWN;
    for (int i = 0; i < 200; i++) {
      int rows = 1 + i % 7;
      model = model.after(rows, micros(5000 + 500 * rows));
    }

    assertThat(model.expected(1)).isBetween(micros(5499), micros(5501));
    assertThat(model.expected(40)).isBetween(micros(24_990), micros(25_010));
    assertThat(model.rowsWithin(25_000_000)).isBetween(39, 40);
    assertThat(model.rowsForRate(1.5e-6)).isEqualTo(30);
    assertThat(model.rowsForRate(2e-6)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void atFirstABatchCountsAsRowsWithoutABase() {
    LatencyModel model = LatencyModel.UNKNOWN.after(10, Duration.ofMillis(20)).after(10, Duration.ofMillis(20));

    assertThat(model.expected(1)).isEqualTo(Duration.ofMillis(2));
    assertThat(LatencyModel.UNKNOWN.expected(1)).isEqualTo(Duration.ZERO);
  }

  @Test
  void aSlowStartIsForgottenWithTheFirstBatchAtSpeed() {
    LatencyModel model = LatencyModel.UNKNOWN.after(1, Duration.ofMillis(300)).after(1, micros(2000));

    assertThat(model.expected(1)).isEqualTo(micros(2000));
  }

  @Test
  void whatWasLearnedOfTheSlopeOutlivesATimeOfSingleRows() {
    LatencyModel model = LatencyModel.UNKNOWN;
    for (int i = 0; i < 100; i++) {
      model = model.after(1 + i % 20, micros(2000 + 20 * (1 + i % 20)));
    }
    for (int i = 0; i < 5000; i++) {
      model = model.after(1, micros(2020));
    }

    assertThat(model.rowsWithin(10_000_000)).isBetween(380, 420);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nineteenOfTwentyBatchesStayWithinWhatItSays(long seed) {
    Random random = new Random(seed);
    LatencyModel model = LatencyModel.UNKNOWN;
    int within = 0;
    for (int i = 0; i < 4000; i++) {
      int rows = 1 + random.nextInt(40);
      Duration took = Duration.ofNanos((long) ((5e6 + 5e5 * rows) * (1 + 0.1 * random.nextGaussian())));
      within += i >= 1000 && took.toNanos() <= model.withinNanos(rows) ? 1 : 0;
      model = model.after(rows, took);
    }

    assertThat(within / 3000.0).isBetween(0.93, 0.97);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aRareStallChangesNothing(long seed) {
    Random random = new Random(seed);
    LatencyModel model = LatencyModel.UNKNOWN;
    for (int i = 0; i < 2000; i++) {
      int rows = 1 + random.nextInt(40);
      double stall = random.nextInt(100) == 0 ? 1e8 : 0;
      model = model.after(rows, Duration.ofNanos((long) (5e6 + 5e5 * rows + stall)));
      assertThat(model.expected(40).toNanos() / 1e6).isCloseTo(25, Percentage.withPercentage(i < 10 ? 1000 : 10));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {4, 0.25})
  void anotherSpeedIsLearnedWithinThirtyBatches(double factor) {
    Random random = new Random(1);
    LatencyModel model = LatencyModel.UNKNOWN;
    for (int i = 0; i < 230; i++) {
      int rows = 1 + random.nextInt(40);
      double nanos = (5e6 + 5e5 * rows) * (i < 200 ? 1 : factor);
      model = model.after(rows, Duration.ofNanos((long) nanos));
    }

    assertThat(model.expected(40).toNanos() / 1e6).isCloseTo(25 * factor, Percentage.withPercentage(10));
  }

  /** Whoever takes it for noise turns away, for a thousand batches, what could be served. */
  @Test
  void whatIsOffTheLineOfAnotherSpeedIsNotNoise() {
    Random random = new Random(1);
    LatencyModel model = LatencyModel.UNKNOWN;
    for (int i = 0; i < 600; i++) {
      int rows = 3 + 18 * random.nextInt(3);
      model = model.after(rows, Duration.ofNanos((long) ((5e6 + 5e5 * rows) * (i < 500 ? 1 : 4) * (1 + 0.02 * random.nextGaussian()))));
    }

    assertThat(model.excess()).isLessThan(0.15);
  }

  private static Duration micros(long micros) {
    return Duration.ofNanos(micros * 1000);
  }
}
