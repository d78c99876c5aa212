package io.clipper.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.DoubleToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PopulationTest {
  /** Rows in the mean; batches vary by a tenth. */
  private static final double MEAN = 12;
  private static final double MEAN_NANOS = 5e6;

  private final SplittableRandom random = new SplittableRandom(3);
  private final Population population = new Population();
  private long now = 1_000_000;

  @Test
  void rowsAtRandomAreAnOpenLoop() {
    int closed = 0;
    for (int batch = 0; batch < 20_000; batch++) {
      served(this::poisson);
      closed += population.isClosed() ? 1 : 0;
    }

    assertThat(closed).isLessThan(20);
  }

  @Test
  void rowsAtEvenGapsAreAnOpenLoop() {
    double[] left = {0};
    int closed = 0;
    for (int batch = 0; batch < 20_000; batch++) {
      served(
          mean -> {
            left[0] += mean;
            int rows = (int) left[0];
            left[0] -= rows;
            return rows;
          });
      closed += population.isClosed() ? 1 : 0;
    }

    assertThat(closed).isLessThan(20);
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 100})
  void asManyRowsAsWereAnsweredAreAClosedLoop(int rows) {
    for (int batch = 0; batch < 30; batch++) {
      served(mean -> rows);
    }

    assertThat(population.isClosed()).isTrue();
  }

  @Test
  void whatWasClosedStaysSoWhenItsBatchesChange() {
    for (int batch = 0; batch < 100; batch++) {
      served(mean -> 100);
    }
    served(mean -> 60);
    served(mean -> 40);

    assertThat(population.isClosed()).isTrue();
  }

  @Test
  void whenOthersComeAsWellItIsOpenAgain() {
    for (int batch = 0; batch < 100; batch++) {
      served(mean -> 40);
    }
    for (int batch = 0; batch < 100; batch++) {
      served(this::poisson);
    }

    assertThat(population.isClosed()).isFalse();
  }

  @Test
  void ofAFewBatchesNothingIsSaid() {
    for (int batch = 0; batch < 8; batch++) {
      served(mean -> 40);
    }

    assertThat(population.isClosed()).isFalse();
  }

  /** The rows that come while a batch runs are the next one. */
  private void served(DoubleToIntFunction rowsOfMean) {
    double share = 1 + 0.2 * (random.nextDouble() - 0.5);
    now += (long) (share * MEAN_NANOS);
    int rows = rowsOfMean.applyAsInt(share * MEAN);
    for (int row = 0; row < rows; row++) {
      population.arrived();
    }
    population.returned(rows, now);
  }

  private int poisson(double mean) {
    double left = Math.exp(-mean);
    int rows = -1;
    for (double product = 1; product > left; rows++) {
      product *= random.nextDouble();
    }
    return rows;
  }
}
