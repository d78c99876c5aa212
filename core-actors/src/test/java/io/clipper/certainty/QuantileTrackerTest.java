package io.clipper.certainty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalDouble;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantileTrackerTest {
  private static final double MISS = 0.1;

  @Test
  void anErrorIsThatOfTheIssuedThresholdAndNotOfTodays() {
    QuantileTracker today = new QuantileTracker(.9, 1, 20, 2);

    QuantileTracker missed = today.after(.7, .8, OptionalDouble.of(.5), MISS);
    assertThat(missed.threshold()).isGreaterThan(.9);
    assertThat(missed.missed()).isEqualTo(3);

    QuantileTracker held = today.after(.95, .8, OptionalDouble.of(1.0), MISS);
    assertThat(held.threshold()).isLessThan(.9);
    assertThat(held.missed()).isEqualTo(2);
  }

  @Test
  void untilItHasLabelsEnoughTheApplicationIsJudgedAndItMovesByItsOwn() {
    QuantileTracker first = QuantileTracker.NONE.after(.5, .8, OptionalDouble.empty(), MISS);
    assertThat(first.threshold()).isCloseTo(.8 - .1 * .5 * MISS, Offset.offset(1e-12));

    QuantileTracker second = first.after(.79, .7, OptionalDouble.empty(), MISS);
    assertThat(second.missed()).isEqualTo(1);
    assertThat(second.threshold()).isLessThan(first.threshold());
  }

  /** By the recursion no sequence moves the share of misses further than the threshold moved ÷ the step and the labels. */
  @ParameterizedTest
  @ValueSource(ints = {0, 5, 40})
  void itMissesTheShareThatWasAskedForHoweverLateTheLabelsAre(int delay) {
    Random random = new Random(delay);
    QuantileTracker tracker = QuantileTracker.NONE;
    Deque<double[]> out = new ArrayDeque<>();
    int missed = 0;
    int judged = 0;
    for (int query = 0; query < 20_000; query++) {
      out.add(new double[] {random.nextDouble(), tracker.calibrated(MISS) ? tracker.threshold() : Double.NaN});
      if (out.size() > delay) {
        double[] promise = out.remove();
        boolean own = !Double.isNaN(promise[1]);
        tracker = tracker.after(promise[0], 1, own ? OptionalDouble.of(promise[1]) : OptionalDouble.empty(), MISS);
        judged += own ? 1 : 0;
        missed += own && promise[0] > promise[1] ? 1 : 0;
      }
    }
    assertThat((double) missed / judged).isCloseTo(MISS, Offset.offset(.003));
  }
}
