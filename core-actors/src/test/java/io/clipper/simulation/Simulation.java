package io.clipper.simulation;

import java.util.PriorityQueue;

/** A clock that jumps from event to event; what is due at the same moment happens in the order in which it was planned. */
final class Simulation {
  private record Event(long atNanos, long number, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nowNanos;
  private long planned;

  long nowNanos() {
    return nowNanos;
  }

  void at(long nanos, Runnable action) {
    events.add(new Event(Math.max(nanos, nowNanos), planned++, action));
  }

  /** Until nothing is planned any more. */
  void run() {
    runUntil(Long.MAX_VALUE);
  }

  /** What is planned up to that moment. */
  void runUntil(long nanos) {
    for (Event event = events.peek(); event != null && event.atNanos() <= nanos; event = events.peek()) {
      events.remove();
      nowNanos = event.atNanos();
      event.action().run();
    }
  }
}
