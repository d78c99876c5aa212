package io.clipper.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors that come with one chance and then another, checked every 32, against figures that were simulated independently. */
class AdwinTest {
  private static final double DOUBT = 0.002;
  private static final int RUNS = 100;
  private static final int CHANGES_AT = 3_000;

  @ParameterizedTest
  @CsvSource({"0.2,350", "0.3,110", "0.5,64"})
  void aChangeOfTheErrorRateIsSeenInTime(double then, int atMost) {
    int[] delays = new int[RUNS];
    for (int run = 0; run < RUNS; run++) {
      delays[run] = delay(then, new SplittableRandom(run));
    }
    Arrays.sort(delays);
    assertThat((delays[RUNS / 2 - 1] + delays[RUNS / 2]) / 2).isLessThanOrEqualTo(atMost);
  }

  @Test
  void nothingIsSeenWhereNothingChanges() {
    int cuts = 0;
    for (int run = 0; run < RUNS; run++) {
      RandomGenerator random = new SplittableRandom(run);
      Adwin adwin = Adwin.EMPTY;
      for (int i = 1; i <= 10_000; i++) {
        adwin = adwin.with(random.nextDouble() < .1 ? 1 : 0);
        if (i % 32 == 0) {
          Adwin.Checked checked = adwin.checked(DOUBT);
          cuts += checked.cut().isPresent() ? 1 : 0;
          adwin = checked.adwin();
        }
      }
    }
    assertThat(cuts).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatItKeepsIsLogarithmicAndExact(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Adwin adwin = Adwin.EMPTY;
    double sum = 0;
    for (int i = 1; i <= 20_000; i++) {
      double value = random.nextDouble();
      sum += value;
      adwin = adwin.with(value);
      assertThat(adwin.rows()).allMatch(row -> row.sums().size() <= 5 && row.sums().size() == row.squares().size());
      if (i % 1_000 == 0) {
        assertThat(adwin.size()).isEqualTo(i);
        assertThat(Math.abs(adwin.mean() - sum / i)).isLessThan(1e-9);
      }
    }
    assertThat(adwin.rows()).hasSizeLessThanOrEqualTo(13);
  }

  @Test
  void whatStaysAfterACutIsMostlyNew() {
    RandomGenerator random = new SplittableRandom(1);
    Adwin adwin = Adwin.EMPTY;
    for (int i = 0; i < 3_000; i++) {
      adwin = adwin.with(random.nextDouble() < (i < 2_000 ? .1 : .6) ? 1 : 0);
    }
    Adwin.Checked checked = adwin.checked(DOUBT);
    assertThat(checked.cut()).isPresent();
    assertThat(checked.cut().get().before()).isLessThan(.2);
    assertThat(checked.cut().get().after()).isGreaterThan(.5);
    assertThat(checked.adwin().size()).isEqualTo(checked.cut().get().remaining()).isLessThan(1_300);
  }

  private static int delay(double then, RandomGenerator random) {
    Adwin adwin = Adwin.EMPTY;
    for (int i = 1; i <= 10_000; i++) {
      adwin = adwin.with(random.nextDouble() < (i <= CHANGES_AT ? .1 : then) ? 1 : 0);
      if (i % 32 == 0) {
        Adwin.Checked checked = adwin.checked(DOUBT);
        adwin = checked.adwin();
        if (i > CHANGES_AT && checked.cut().isPresent()) {
          return i - CHANGES_AT;
        }
      }
    }
    return Integer.MAX_VALUE;
  }
}
