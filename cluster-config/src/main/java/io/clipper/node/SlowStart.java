package io.clipper.node;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Looks now and then at what a node's start waits for, and tells of what it waits for long. */
final class SlowStart implements AutoCloseable {
  /** A start of which nothing is told takes less; what is the same at two looks has lasted for that. */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

  private final Supplier<String> waitsFor;
  private final Consumer<String> told;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("slow-start").factory());
  private String before = "";
  private String last = "";

  /** @param told of each wait once, as long as no other comes between */
  SlowStart(Supplier<String> waitsFor, Consumer<String> told) {
    this.waitsFor = waitsFor;
    this.told = told;
  }

  SlowStart watching() {
    ScheduledFuture<?> unused = clock.scheduleWithFixedDelay(this::look, BETWEEN_LOOKS.toNanos(), BETWEEN_LOOKS.toNanos(), TimeUnit.NANOSECONDS);
    return this;
  }

  void look() {
    String now = waitsFor.get();
    if (now.equals(before) && !now.equals(last)) {
      last = now;
      told.accept(now);
    }
    before = now;
  }

  /** It has come to its end, or to another. */
  void isOver() {
    clock.shutdownNow();
  }

  @Override
  public void close() {
    isOver();
  }
}
