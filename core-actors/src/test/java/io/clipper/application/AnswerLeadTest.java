package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswerLeadTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final AnswerLead lead = new AnswerLead(Duration.ofMillis(1));

  @Test
  void anIdleNodeAnswersSoMuchBeforeTheDeadline() {
    handOver(1000, MILLI / 20);

    assertThat(lead.nanos()).isEqualTo(MILLI);
    assertThat(lead.answerBy(100 * MILLI, 0)).isEqualTo(99 * MILLI);
  }

  @Test
  void aBusyNodeAsMuchEarlierAsItsAnswersTakeLonger() {
    handOver(2000, MILLI);

    // In and out, two threads each way.
    assertThat(lead.nanos()).isBetween((long) (3.5 * MILLI), (long) (4.8 * MILLI));
  }

  @Test
  void whatIsSlowOnceInAWhileIsNotWaitedFor() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      lead.handedOver(random.nextInt(100) < 2 ? 20 * MILLI : MILLI / 20);
    }

    assertThat(lead.nanos()).isLessThan(2 * MILLI);
  }

  @Test
  void itForgets() {
    handOver(2000, 2 * MILLI);
    handOver(2000, MILLI / 20);

    assertThat(lead.nanos()).isEqualTo(MILLI);
  }

  @Test
  void ofAShortBudgetAFifth() {
    assertThat(lead.answerBy(2 * MILLI, 0)).isEqualTo(2 * MILLI - 2 * MILLI / 5);
    assertThat(lead.answerBy(0, MILLI)).isZero();
  }

  private void handOver(int times, long nanos) {
    for (int i = 0; i < times; i++) {
      lead.handedOver(nanos);
    }
  }
}
