package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FeaturesTest {
  @Test
  void areAValue() {
    double[] given = {1, -2.5};
    Features features = Features.of(given);
    given[0] = 7;
    assertThat(features).isEqualTo(Features.of(1, -2.5)).hasSameHashCodeAs(Features.of(1, -2.5)).hasToString("[1.0, -2.5]");
    assertThat(features).isNotEqualTo(Features.NONE);
  }

  @Test
  void tooManyOrTooLargeAreRefused() {
    assertThatThrownBy(() -> Features.of(new double[33])).hasMessage("33 features are given, at most 32 are used");
    assertThatThrownBy(() -> Features.of(0, Double.NaN)).hasMessage("feature 1 is NaN, which is outside ±10000");
    assertThatThrownBy(() -> Features.of(-1e5)).hasMessage("feature 0 is -100000.0, which is outside ±10000");
  }
}
