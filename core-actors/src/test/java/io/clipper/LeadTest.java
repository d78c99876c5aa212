package io.clipper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeadTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Lead lead = Lead.ofWayThereAndBack();

  @Test
  void whatWasNeverMeasuredTakesNoTime() {
    assertThat(lead.before(100 * MILLI, 0)).isEqualTo(100 * MILLI);
  }

  @Test
  void itIsReadyEarlierByAsMuchAsTheWayTakes() {
    took(500, 4 * MILLI);

    assertThat(lead.before(100 * MILLI, 0)).isBetween((long) (95.5 * MILLI), (long) (96.1 * MILLI));
  }

  @Test
  void nearlyAllWaysAreShorterThanWhatIsCountedOn() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      lead.took(random.nextLong(10 * MILLI));
    }
    assertThat(lead.nanos()).isBetween(9 * MILLI, (long) (11.5 * MILLI));

    took(10_000, MILLI);
    assertThat(lead.nanos()).as("and forgotten").isLessThan(2 * MILLI);
  }

  @Test
  void whatIsToBeMadeReadyHasFourFifthsOfTheTime() {
    took(500, 40 * MILLI);

    assertThat(lead.before(50 * MILLI, 0)).isEqualTo(40 * MILLI);
    assertThat(lead.before(0, MILLI)).as("too late").isZero();
  }

  @Test
  void moreThanOneMayBeOnTheWayAndALeastIsKept() {
    Lead four = new Lead(Duration.ofMillis(3), 4, 0.95);
    assertThat(four.nanos()).isEqualTo(3 * MILLI);
    for (int i = 0; i < 500; i++) {
      four.took(2 * MILLI);
    }

    assertThat(four.nanos()).isBetween((long) (7.5 * MILLI), 9 * MILLI);
  }

  private void took(int times, long nanos) {
    for (int i = 0; i < times; i++) {
      lead.took(nanos);
    }
  }
}
