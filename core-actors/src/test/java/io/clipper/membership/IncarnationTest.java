package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IncarnationTest {
  @Test
  void twoLivesOnOneMachineDifferAndComeBackFromText() {
    Incarnation one = Incarnation.here();
    Incarnation next = Incarnation.here();

    assertThat(one).isNotEqualTo(next);
    assertThat(one.machine()).isEqualTo(next.machine());
    assertThat(Incarnation.parse(one.text())).isEqualTo(one);
    assertThat(one.machine()).startsWith(one.host());
  }
}
