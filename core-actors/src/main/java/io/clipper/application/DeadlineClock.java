package io.clipper.application;

import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's deadlines: a thread that is parked until the earliest of them, runs what is due in order, and sleeps while nothing is. What
 * runs on it may only tell or complete.
 */
public final class DeadlineClock implements AutoCloseable {
  /*
   * Inserting threads push onto a stack without a lock; only the clock's thread has the heap. It publishes the moment it parks until and
   * then looks at the stack once more; an inserting thread pushes and then reads that moment. Both are volatile, so one of the two sees
   * the other, and a wake-up is never lost. Whoever is not the new earliest wakes nobody.
   *
   * Most deadlines are cancelled, since most queries are answered. A cancelled one lets go of its action at once; its husk of some dozen
   * bytes leaves when it is met, or when husks have become as many as live ones.
   */

  /** A moment to act at, unless it is cancelled before. */
  public interface Deadline {
    /** Releases the action; false where it has run or was cancelled before. */
    boolean cancel();
  }

  private static final Logger LOG = LoggerFactory.getLogger(DeadlineClock.class);
  /** Husks that are not worth a sweep: some hundred kilobytes. */
  private static final int FEW_HUSKS = 8192;

  private static final long NEVER_NANOS = Long.MAX_VALUE;

  private final LongSupplier nanoClock;
  private final LongConsumer lateness;
  private final long origin;
  private final AtomicReference<@Nullable Entry> arrived = new AtomicReference<>();
  private final AtomicInteger husks = new AtomicInteger();
  private final PriorityQueue<Entry> heap = new PriorityQueue<>();
  private final Thread thread;
  private volatile long parkedUntil = NEVER_NANOS;
  private volatile int husksAllowed = FEW_HUSKS;
  private volatile boolean closed;
  private long arrivals;

  /** Starts its thread. */
  public DeadlineClock(LongSupplier nanoClock) {
    this(nanoClock, late -> {});
  }

  /** @param lateness told of each action how many nanoseconds after its moment it runs */
  public DeadlineClock(LongSupplier nanoClock, LongConsumer lateness) {
    this.nanoClock = nanoClock;
    this.lateness = lateness;
    this.origin = nanoClock.getAsLong();
    this.thread = Thread.ofPlatform().name("clipper-deadlines").daemon().unstarted(this::run);
    thread.start();
  }

  /**
   * Runs the action at that moment on the clock that was given, or at once where it has passed or the clock is closed: whoever waits for
   * it does not wait for ever.
   */
  public Deadline at(long deadlineNanos, Runnable action) {
    Entry entry = new Entry(deadlineNanos - origin, action);
    if (closed) {
      entry.runUnlessTaken();
      return entry;
    }
    push(entry);
    if (closed) {
      entry.runUnlessTaken(); // its thread may have emptied the stack before
    } else if (entry.dueNanos < parkedUntil) {
      LockSupport.unpark(thread);
    }
    return entry;
  }

  /** Once it is on the stack the entry is the clock's, which changes its link: what the link was is not read from it again. */
  private void push(Entry entry) {
    Entry top;
    do {
      top = arrived.get();
      entry.next = top;
    } while (!arrived.compareAndSet(top, entry));
  }

  /** What is still to come runs now. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** Cancelled deadlines that are still there. */
  int husks() {
    return husks.get();
  }

  void awaitEnd() throws InterruptedException {
    thread.join();
  }

  private void run() {
    while (!closed) {
      takeArrived();
      sweepHusks();
      long next = runDue();
      parkedUntil = next;
      if (arrived.get() == null && !closed && husks.get() <= husksAllowed) {
        if (next == NEVER_NANOS) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, next - now());
        }
      }
      // While awake everything that comes is seen without a call.
      parkedUntil = Long.MIN_VALUE;
    }
    takeArrived();
    for (Entry first = heap.poll(); first != null; first = heap.poll()) {
      first.runUnlessTaken();
    }
  }

  private void takeArrived() {
    Entry newest = arrived.getAndSet(null);
    Entry oldest = null;
    while (newest != null) {
      Entry before = newest.next;
      newest.next = oldest;
      oldest = newest;
      newest = before;
    }
    while (oldest != null) {
      Entry after = oldest.next;
      oldest.next = null;
      if (oldest.isHusk()) {
        husks.decrementAndGet();
      } else {
        oldest.arrival = arrivals++;
        heap.add(oldest);
      }
      oldest = after;
    }
  }

  private void sweepHusks() {
    if (husks.get() > husksAllowed) {
      int before = heap.size();
      heap.removeIf(Entry::isHusk);
      husks.addAndGet(heap.size() - before);
      husksAllowed = Math.max(FEW_HUSKS, heap.size());
    }
  }

  /** Returns the moment of the earliest that is left. */
  private long runDue() {
    for (Entry first = heap.peek(); first != null; first = heap.peek()) {
      if (!first.isHusk() && first.dueNanos > now()) {
        return first.dueNanos;
      }
      heap.remove();
      Runnable action = first.take();
      if (action == null) {
        husks.decrementAndGet();
      } else {
        lateness.accept(now() - first.dueNanos);
        run(action);
      }
    }
    return NEVER_NANOS;
  }

  /** An action that throws is a bug of its owner; the other deadlines are kept. */
  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException bug) {
      LOG.error("what a deadline should have done failed", bug);
    }
  }

  private void cancelled() {
    if (husks.incrementAndGet() > husksAllowed && parkedUntil != Long.MIN_VALUE) {
      LockSupport.unpark(thread);
    }
  }

  /** Counted from the clock's start, so that moments compare as plain numbers. */
  private long now() {
    return nanoClock.getAsLong() - origin;
  }

  private final class Entry implements Deadline, Comparable<Entry> {
    private final long dueNanos;
    private final AtomicReference<@Nullable Runnable> action;
    private @Nullable Entry next;
    private long arrival;

    private Entry(long dueNanos, Runnable action) {
      this.dueNanos = dueNanos;
      this.action = new AtomicReference<>(action);
    }

    @Override
    public boolean cancel() {
      boolean inTime = take() != null;
      if (inTime) {
        cancelled();
      }
      return inTime;
    }

    private @Nullable Runnable take() {
      return action.getAndSet(null);
    }

    private void runUnlessTaken() {
      Runnable taken = take();
      if (taken != null) {
        DeadlineClock.run(taken);
      }
    }

    private boolean isHusk() {
      return action.get() == null;
    }

    @Override
    public int compareTo(Entry other) {
      int byMoment = Long.compare(dueNanos, other.dueNanos);
      return byMoment != 0 ? byMoment : Long.compare(arrival, other.arrival);
    }
  }
}
