package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SharesTest {
  @Test
  void theExcessOfAYoungOneGoesToTheOthersInProportion() {
    double[] shares = Shares.capped(new double[] {.7, .2, .1, 0}, new boolean[] {true, false, false, false});
    assertThat(shares).containsExactly(new double[] {.25, .5, .25, 0}, within(1e-12));
  }

  @Test
  void theExcessPassesOverOthersThatAreYoung() {
    double[] shares = Shares.capped(new double[] {.6, .2, .2}, new boolean[] {true, true, false});
    assertThat(shares).containsExactly(new double[] {1.0 / 3, .2, 7.0 / 15}, within(1e-12));
  }

  @Test
  void whereAllAreYoungNobodyIsHeldBack() {
    assertThat(Shares.capped(new double[] {.9, .1}, new boolean[] {true, true})).containsExactly(.9, .1);
  }

  @Test
  void theExcessIsSharedEquallyByThoseThatHaveNothing() {
    assertThat(Shares.capped(new double[] {1, 0, 0, 0}, new boolean[] {true, false, false, true}))
        .containsExactly(.25, .375, .375, 0);
  }

  @Test
  void softmaxStandsExtremes() {
    assertThat(Shares.softmax(new double[] {-1e18, 0, -1e308})).containsExactly(0, 1, 0);
    assertThat(Shares.softmax(new double[] {1e308, 1e308})).containsExactly(.5, .5);
  }

  @Test
  void anEstimateDividesByTheProbabilityAndStaysFinite() {
    assertThat(Shares.estimate(0.5, 0.25)).isEqualTo(2);
    assertThat(Shares.estimate(1, Double.MIN_VALUE)).isEqualTo(1e12);
    assertThat(Shares.estimate(0, Double.MIN_VALUE)).isZero();
  }
}
