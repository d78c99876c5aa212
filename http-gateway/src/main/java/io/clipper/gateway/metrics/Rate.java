package io.clipper.gateway.metrics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Events per second, over all time and as averages that forget over 1, 5 and 15 minutes by ticks of 5 s, as the original's meters. */
final class Rate {
  private static final long TICK = TimeUnit.SECONDS.toNanos(5);
  private static final double TICK_SECONDS = 5;
  /** Beyond three hours without an event every average is 0 to the last digit shown. */
  private static final long MOST_TICKS = 2160;

  private final LongSupplier nanoClock;
  private final long startedAt;
  private final AtomicLong tickedAt;
  private final LongAdder total = new LongAdder();
  private final LongAdder sinceTick = new LongAdder();
  private final double[] averages = new double[3];
  private boolean ticked;

  Rate(LongSupplier nanoClock) {
    this(nanoClock, nanoClock.getAsLong());
  }

  /** Of events since then. */
  Rate(LongSupplier nanoClock, long startedAt) {
    this.nanoClock = nanoClock;
    this.startedAt = startedAt;
    this.tickedAt = new AtomicLong(startedAt);
  }

  void mark() {
    tickIfDue();
    total.increment();
    sinceTick.increment();
  }

  /** So many came since it was told last, at whatever pace: it is taken for an even one. */
  void markAll(long events) {
    total.add(events);
    sinceTick.add(events);
    long last = tickedAt.get();
    long ticks = (nanoClock.getAsLong() - last) / TICK;
    if (ticks > 0 && tickedAt.compareAndSet(last, last + ticks * TICK)) {
      synchronized (averages) {
        double perSecond = sinceTick.sumThenReset() / (TICK_SECONDS * ticks);
        for (long i = 0; i < Math.min(ticks, MOST_TICKS); i++) {
          tick(perSecond);
        }
      }
    }
  }

  double overall() {
    double seconds = (nanoClock.getAsLong() - startedAt) / 1e9;
    return seconds > 0 ? total.sum() / seconds : 0;
  }

  /** Over the last 1, 5 or 15 minutes. */
  double over(int minutes) {
    tickIfDue();
    synchronized (averages) {
      return averages[minutes == 1 ? 0 : minutes == 5 ? 1 : 2];
    }
  }

  private void tickIfDue() {
    long last = tickedAt.get();
    long ticks = (nanoClock.getAsLong() - last) / TICK;
    if (ticks > 0 && tickedAt.compareAndSet(last, last + ticks * TICK)) {
      synchronized (averages) {
        tick(sinceTick.sumThenReset() / TICK_SECONDS);
        for (long i = 1; i < Math.min(ticks, MOST_TICKS); i++) {
          tick(0);
        }
      }
    }
  }

  private void tick(double perSecond) {
    int[] minutes = {1, 5, 15};
    for (int i = 0; i < averages.length; i++) {
      double share = 1 - Math.exp(-TICK_SECONDS / 60 / minutes[i]);
      averages[i] = ticked ? averages[i] + share * (perSecond - averages[i]) : perSecond;
    }
    ticked = true;
  }
}
