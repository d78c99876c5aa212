package io.clipper.gateway.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clipper.gateway.metrics.LatencyWindow.Summary;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Rate rate = new Rate(nanos::get);

  @Test
  void theFirstTickIsTheRateItself() {
    for (int i = 0; i < 50; i++) {
      rate.mark();
    }
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
    assertThat(rate.overall()).isEqualTo(10);
    assertThat(rate.over(1)).isEqualTo(10);
    assertThat(rate.over(15)).isEqualTo(10);
  }

  @Test
  void aMinuteWithoutEventsDecaysTheShortAverageByE() {
    theFirstTickIsTheRateItself();
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(60));
    assertThat(rate.over(1)).isCloseTo(10 / Math.E, within(1e-9));
    assertThat(rate.over(5)).isCloseTo(10 * Math.exp(-0.2), within(1e-9));
  }

  @Test
  void aSummaryIsTheOriginals() {
    LatencyWindow window = new LatencyWindow();
    for (long micros : new long[] {202, 16, 104, 53, 185, 113}) {
      window.add(micros);
    }
    Summary summary = window.summary();
    assertThat(summary.mean()).isCloseTo(112.16, within(0.01));
    assertThat(summary.deviation()).isCloseTo(66.06, within(0.01));
    assertThat(summary.p50()).isEqualTo(108.5);
    assertThat(summary.p95()).isEqualTo(202);
    assertThat(summary.p99()).isEqualTo(202);
    assertThat(summary.min()).isEqualTo(16);
  }

  @Test
  void aWindowForgetsTheOldest() {
    LatencyWindow window = new LatencyWindow();
    for (int i = 0; i < 4096 + 10; i++) {
      window.add(i);
    }
    assertThat(window.summary().min()).isEqualTo(10);
    assertThat(window.summary().size()).isEqualTo(4096);
  }
}
