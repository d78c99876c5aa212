package io.clipper.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Beside a model of 2 ms a call and 20 µs a row. */
class ReturnersTest {
  private static final LatencyModel LATENCY = affine(2000, 20);

  private final Returners returners = new Returners();
  private long now;

  @Test
  void whoIsBackSoonIsWaitedFor() {
    inTurns(16, 30_000);
    returners.returned(16, LATENCY, now);

    long until = returners.until(16, now).orElseThrow();

    assertThat(until - now).isBetween(16 * 30_000L, 1_500_000L);
    backAfter(16, 30_000);
    assertThat(returners.until(32, now)).isEmpty();
  }

  /** The half that is out would be back in 1.3 ms; when all are in one batch they take 2.6, and a second batch costs 2. */
  @Test
  void whoTakesLongerThanASecondBatchCostsIsNotWaitedFor() {
    inTurns(16, 80_000);
    returners.returned(16, LATENCY, now);

    assertThat(returners.until(16, now)).isEmpty();
    assertThat(returners.until(1, now)).isPresent();
  }

  @Test
  void whoNeverAsksAgainIsNotWaitedFor() {
    for (int batch = 0; batch < 20; batch++) {
      returners.returned(16, LATENCY, now);
      backAfter(8, 10_000);
      now += 2_500_000;
    }
    returners.returned(16, LATENCY, now);

    assertThat(returners.until(16, now)).isEmpty();
  }

  /** 5 rows a batch of 2.1 ms, each 420 µs after the one before. */
  @Test
  void rowsOfAnOpenLoopAreNotReturners() {
    for (int batch = 0; batch < 20; batch++) {
      returners.returned(5, LATENCY, now);
      backAfter(5, 420_000);
    }
    returners.returned(5, LATENCY, now);

    assertThat(returners.until(1, now)).isEmpty();
  }

  @Test
  void aModelWithoutACostOfTheCallWaitsForNobody() {
    LatencyModel rowsOnly = affine(1, 200);
    for (int batch = 0; batch < 20; batch++) {
      returners.returned(8, rowsOnly, now);
      backAfter(8, 1000);
      now += 1_600_000;
    }
    returners.returned(8, rowsOnly, now);

    assertThat(returners.until(8, now)).isEmpty();
  }

  private void inTurns(int rows, long nanosEach) {
    for (int batch = 0; batch < 20; batch++) {
      returners.returned(rows, LATENCY, now);
      backAfter(rows, nanosEach);
      now += 1_000_000;
    }
  }

  private void backAfter(int rows, long nanosEach) {
    for (int row = 0; row < rows; row++) {
      now += nanosEach;
      returners.arrived(now);
    }
  }

  private static LatencyModel affine(long fixedMicros, long rowMicros) {
    LatencyModel model = LatencyModel.UNKNOWN;
    for (int rows = 1; rows <= 100; rows++) {
      model = model.after(rows, Duration.ofNanos((fixedMicros + rowMicros * rows) * 1000));
    }
    return model;
  }
}
