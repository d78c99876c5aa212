package io.clipper.load;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** How late a thread wakes that wants to sleep a millisecond: what this machine and this JVM add to any latency. */
final class PauseMeter implements AutoCloseable {
  private static final long NAP_NANOS = 1_000_000;

  private final AtomicLong longestNanos = new AtomicLong();
  private volatile boolean closed;

  private PauseMeter() {}

  static PauseMeter start() {
    PauseMeter meter = new PauseMeter();
    Thread.ofPlatform().daemon().name("pause-meter").start(meter::measure);
    return meter;
  }

  Duration longest() {
    return Duration.ofNanos(longestNanos.get());
  }

  @Override
  public void close() {
    closed = true;
  }

  private void measure() {
    while (!closed) {
      long before = System.nanoTime();
      LockSupport.parkNanos(NAP_NANOS);
      longestNanos.accumulateAndGet(System.nanoTime() - before - NAP_NANOS, Math::max);
    }
  }
}
