package io.clipper.node.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.node.client.Answer;
import io.clipper.node.client.FakeNode;
import io.clipper.node.client.NodeClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BenchTest {
  private static final long MILLI = 1_000_000;
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void aClosedLoopAsksAgainWhenItIsAnsweredAndForgetsTheWarmUp() {
    Load load = new Load(1, OptionalDouble.empty(), Duration.ofMillis(40), Duration.ofMillis(60));
    Measured measured = new Bench(load, number -> answeredAfter(number < 4 ? 10 : 2), nanos::get).run();
    assertThat(measured.answers()).isEqualTo(30);
    assertThat(measured.rate()).isEqualTo(500);
    assertThat(measured.maxMillis()).isBetween(1.99, 2.01);
  }

  @Test
  void atARateTheQueriesBehindAStallCountTheirWait() {
    Load load = new Load(1, OptionalDouble.of(1000), Duration.ZERO, Duration.ofMillis(5));
    nanos.set(0);
    AtomicLong reads = new AtomicLong();
    Measured measured = new Bench(load, number -> answeredAfter(0), () -> reads.getAndIncrement() == 0 ? 0 : 100 * MILLI).run();
    assertThat(measured.answers()).isEqualTo(5);
    assertThat(measured.millis(50)).isGreaterThan(90);
  }

  @Test
  void defaultsAndRefusalsAreCountedApart() {
    try (FakeNode node = new FakeNode();
        NodeClient client = node.client()) {
      Load load = new Load(1, OptionalDouble.empty(), Duration.ZERO, Duration.ofMillis(3));
      Measured measured =
          new Bench(
                  load,
                  number -> {
                    nanos.addAndGet(MILLI);
                    return number == 1
                        ? client.predict("missing", NodeClient.request()).thenApply(Answer::of)
                        : CompletableFuture.completedFuture(answer(number == 2));
                  },
                  nanos::get)
              .run();
      assertThat(List.of(measured.answers(), measured.defaults(), measured.refused())).containsExactly(2L, 1L, 1L);
    }
  }

  @Test
  void aNodeThatGoesAwayEndsTheRun() {
    Load load = new Load(4, OptionalDouble.empty(), Duration.ZERO, Duration.ofHours(1));
    Bench bench = new Bench(load, number -> CompletableFuture.failedFuture(new IllegalStateException("gone")), nanos::get);
    assertThatThrownBy(bench::run).hasMessage("gone");
  }

  @Test
  void aLoadOfNothingIsRefused() {
    assertThatThrownBy(() -> new Load(0, OptionalDouble.empty(), Duration.ZERO, Duration.ofSeconds(1)))
        .hasMessage("concurrency 0 is below 1");
    assertThatThrownBy(() -> new Load(1, OptionalDouble.of(0), Duration.ZERO, Duration.ofSeconds(1)))
        .hasMessage("rate 0.0 is not above 0");
    assertThatThrownBy(() -> new Load(1, OptionalDouble.empty(), Duration.ZERO, Duration.ZERO))
        .hasMessageContaining("nothing can be measured");
  }

  private CompletableFuture<Answer> answeredAfter(long millis) {
    nanos.addAndGet(millis * MILLI);
    return CompletableFuture.completedFuture(answer(false));
  }

  private static Answer answer(boolean isDefault) {
    return new Answer(1, "7", isDefault, Optional.empty(), OptionalDouble.empty(), OptionalDouble.empty(), List.of());
  }
}
