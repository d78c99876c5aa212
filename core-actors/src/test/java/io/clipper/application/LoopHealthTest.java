package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LoopHealthTest {
  private static final long MILLI = 1_000_000;

  private final LoopHealth health = new LoopHealth();

  @Test
  void aFewSilencesInARowAreNeededAndOneAnswerEndsThem() {
    health.silent(0);
    health.silent(0);
    health.answered();
    health.silent(0);
    health.silent(0);
    assertThat(health.answers()).isTrue();

    health.silent(0);
    assertThat(health.answers()).isFalse();

    health.answered();
    assertThat(health.answers()).isTrue();
  }

  @Test
  void whoIsTakenForGoneIsTriedNowAndThen() {
    for (int i = 0; i < 3; i++) {
      health.silent(0);
    }
    int asked = 0;
    for (long now = 0; now < 1000 * MILLI; now += MILLI) {
      asked += health.isTrialDue(now) ? 1 : 0;
    }
    assertThat(asked).as("trials in a second").isBetween(9, 10);
  }

  @Test
  void whatTheWayTakesIsTakenOffTheTimeThatItIsTold() {
    assertThat(health.answerBy(100 * MILLI, 0)).isEqualTo(100 * MILLI);
    for (int i = 0; i < 500; i++) {
      health.answered(30 * MILLI, OptionalLong.of(25 * MILLI));
      health.answered(30 * MILLI, OptionalLong.empty());
    }

    assertThat(health.answerBy(100 * MILLI, 0)).isBetween((long) (94.5 * MILLI), (long) (95.1 * MILLI));
  }
}
