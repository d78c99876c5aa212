package io.clipper.model.runtime.oip;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StandstillTest {
  private final AtomicLong clock = new AtomicLong(7);
  private final Standstill standstill = new Standstill(clock::get);

  @Test
  void nothingStandsStillThatHasNothingToDo() {
    pass(5);
    assertThat(standstill.duration()).isZero();

    standstill.sent();
    standstill.returned();
    pass(5);
    assertThat(standstill.duration()).isZero();
  }

  @Test
  void itLastsFromTheFirstBatchThatIsOut() {
    standstill.sent();
    pass(2);
    standstill.sent();
    pass(3);

    assertThat(standstill.duration()).isEqualTo(Duration.ofNanos(5));
  }

  @Test
  void oneThatComesBackEndsIt() {
    standstill.sent();
    standstill.sent();
    pass(9);
    standstill.returned();
    assertThat(standstill.duration()).isZero();

    pass(4);
    assertThat(standstill.duration()).isEqualTo(Duration.ofNanos(4));
  }

  private void pass(long nanos) {
    clock.addAndGet(nanos);
  }
}
