package io.clipper.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches of 5 ms, each with all that came while the one before ran. */
class PopulationTest {
  private static final long BATCH_NANOS = 5_000_000;
  private static final int BATCHES = 20_000;

  private final SplittableRandom random = new SplittableRandom(3);
  private final Population population = new Population();
  private long now = 1_000_000;
  private long newest = now;

  @ParameterizedTest
  @CsvSource({"100000", "500000", "2000000", "4900000"})
  void anOpenLoopAtRandomIsOne(long meanGapNanos) {
    assertThat(closed(meanGapNanos, () -> (long) (-Math.log(1 - random.nextDouble()) * meanGapNanos))).isLessThan(0.001);
  }

  @ParameterizedTest
  @CsvSource({"100000", "500000", "2000000", "4900000"})
  void anOpenLoopAtEvenGapsIsOne(long gapNanos) {
    assertThat(closed(gapNanos, () -> gapNanos)).isZero();
  }

  /** Twenty rows within a moment, then a pause. */
  @Test
  void anOpenLoopOfBurstsIsOne() {
    assertThat(closed(500_000, () -> random.nextInt(20) == 0 ? (long) (-Math.log(1 - random.nextDouble()) * 10_000_000) : 1000)).isLessThan(0.01);
  }

  /** A thread that serves them all is done with them before the next batch is back. */
  @ParameterizedTest
  @CsvSource({"2, 100000", "4, 100000", "100, 20000"})
  void whoAsksAgainWhenAnsweredIsAClosedLoop(int askers, long nanosEach) {
    inALoop(askers, nanosEach, 30);

    assertThat(population.isClosed()).isTrue();
  }

  @Test
  void whenAllComeFromOthersItIsOpenAgain() {
    inALoop(100, 20_000, 200);

    closed(100_000, () -> 100_000);

    assertThat(population.isClosed()).isFalse();
  }

  @Test
  void ofAFewBatchesNothingIsSaid() {
    inALoop(100, 20_000, 8);

    assertThat(population.isClosed()).isFalse();
  }

  private void inALoop(int askers, long nanosEach, int batches) {
    for (int batch = 0; batch < batches; batch++) {
      population.returned(newest, now);
      for (int asker = 1; asker <= askers; asker++) {
        newest = now + asker * nanosEach;
        population.arrived((double) BATCH_NANOS / askers, newest);
      }
      now += BATCH_NANOS;
    }
  }

  /** The share of batches after which the arrivals, which know nothing of them, count as a closed loop. */
  private double closed(long meanGapNanos, LongSupplier gapNanos) {
    long next = newest + gapNanos.getAsLong();
    int closed = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
      now += (long) (BATCH_NANOS * (0.99 + 0.02 * random.nextDouble()));
      for (; next < now; next += gapNanos.getAsLong()) {
        newest = next;
        population.arrived((double) meanGapNanos, next);
      }
      population.returned(newest, now);
      closed += population.isClosed() ? 1 : 0;
    }
    return (double) closed / BATCHES;
  }
}
