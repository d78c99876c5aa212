package io.clipper.node.bench;

import io.clipper.node.client.Answer;
import io.clipper.node.client.NodeRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Runs a load. In a closed loop a latency counts from the sending; at a rate it counts from the time at which the query was due, so that
 * a server that stalls cannot hide what the queries behind the stall would have waited.
 */
public final class Bench {
  /** Three significant digits: the histogram's relative error is below 0.1 %. */
  private static final int DIGITS = 3;

  private final Load load;
  private final LongFunction<CompletableFuture<Answer>> ask;
  private final LongSupplier nanoClock;

  private final ConcurrentHistogram nanos = new ConcurrentHistogram(DIGITS);
  private final LongAdder defaults = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final AtomicLong number = new AtomicLong();
  private final AtomicReference<RuntimeException> broken = new AtomicReference<>();

  /**
   * @param ask by the query's number, from 0
   */
  public Bench(Load load, LongFunction<CompletableFuture<Answer>> ask, LongSupplier nanoClock) {
    this.load = load;
    this.ask = ask;
    this.nanoClock = nanoClock;
  }

  /** Blocks until the load is over and the last answer is there. */
  public Measured run() {
    long begin = nanoClock.getAsLong();
    long countFrom = begin + load.warmUp().toNanos();
    long end = countFrom + load.measured().toNanos();
    if (load.rate().isPresent()) {
      open(begin, countFrom, end, Math.round(1e9 / load.rate().getAsDouble()));
    } else {
      closed(countFrom, end);
    }
    RuntimeException failure = broken.get();
    if (failure != null) {
      throw failure;
    }
    return new Measured(nanos, defaults.sum(), refused.sum(), load.measured().toNanos() / 1e9);
  }

  private void closed(long countFrom, long end) {
    List<Thread> clients = new ArrayList<>();
    for (int client = 0; client < load.concurrency(); client++) {
      clients.add(Thread.ofVirtual().start(() -> askUntil(countFrom, end)));
    }
    clients.forEach(Bench::join);
  }

  private void askUntil(long countFrom, long end) {
    for (long now = nanoClock.getAsLong(); now < end && broken.get() == null; now = nanoClock.getAsLong()) {
      asked(now, countFrom).join();
    }
  }

  private void open(long begin, long countFrom, long end, long gap) {
    Phaser underWay = new Phaser(1);
    for (long due = begin; due < end && broken.get() == null; due += gap) {
      for (long early = due - nanoClock.getAsLong(); early > 0; early = due - nanoClock.getAsLong()) {
        LockSupport.parkNanos(early);
      }
      underWay.register();
      long start = due;
      Thread.startVirtualThread(
          () -> {
            asked(start, countFrom).join();
            underWay.arriveAndDeregister();
          });
    }
    underWay.arriveAndAwaitAdvance();
  }

  /** Never fails: a refusal is counted, anything else ends the run. */
  private CompletableFuture<Void> asked(long start, long countFrom) {
    return ask.apply(number.getAndIncrement())
        .handle(
            (answer, failure) -> {
              if (failure == null) {
                count(answer, start, countFrom);
              } else {
                failed(failure, start, countFrom);
              }
              return null;
            })
        .thenAccept(counted -> {});
  }

  private void count(Answer answer, long start, long countFrom) {
    if (start >= countFrom) {
      nanos.recordValue(Math.max(0, nanoClock.getAsLong() - start));
      if (answer.isDefault()) {
        defaults.increment();
      }
    }
  }

  private void failed(Throwable failure, long start, long countFrom) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    if (cause instanceof NodeRefused) {
      if (start >= countFrom) {
        refused.increment();
      }
    } else {
      broken.set(cause instanceof RuntimeException known ? known : new CompletionException(cause));
    }
  }

  private static void join(Thread client) {
    try {
      client.join();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", stop);
    }
  }
}
