package io.clipper.replica;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/** A bounded queue in the order of deadlines; what is due at the same moment leaves in the order in which it came. */
final class DeadlineQueue<K, V> {
  /**
   * One that waits.
   *
   * @param deadlineNanos on the clock of whoever owns the queue
   * @param arrival its place among all that came
   */
  record Entry<K, V>(K key, V value, long deadlineNanos, long arrival) {
    private int compareTo(Entry<K, V> other) {
      int byDeadline = Long.signum(deadlineNanos - other.deadlineNanos);
      return byDeadline != 0 ? byDeadline : Long.compare(arrival, other.arrival);
    }
  }

  private final TreeSet<Entry<K, V>> order = new TreeSet<>(Entry::compareTo);
  private final Map<K, Entry<K, V>> byKey = new HashMap<>();
  private final int limit;
  private long arrivals;

  DeadlineQueue(int limit) {
    this.limit = limit;
  }

  /** False where there is no room. A key that waits already is refused by an exception: two answers would go to one question. */
  boolean offer(K key, V value, long deadlineNanos) {
    if (byKey.containsKey(key)) {
      throw new IllegalArgumentException("%s waits already".formatted(key));
    }
    if (order.size() >= limit) {
      return false;
    }
    add(new Entry<>(key, value, deadlineNanos, arrivals++));
    return true;
  }

  /** Returns one that was taken to its place, with another value, whether there is room or not. */
  void putBack(Entry<K, V> entry, V value) {
    add(new Entry<>(entry.key(), value, entry.deadlineNanos(), entry.arrival()));
  }

  /** Gives one that waits a later deadline; an earlier one changes nothing. */
  void postpone(K key, long deadlineNanos) {
    Entry<K, V> entry = byKey.get(key);
    if (entry != null && deadlineNanos - entry.deadlineNanos() > 0) {
      order.remove(entry);
      add(new Entry<>(key, entry.value(), deadlineNanos, entry.arrival()));
    }
  }

  void remove(K key) {
    Entry<K, V> entry = byKey.remove(key);
    if (entry != null) {
      order.remove(entry);
    }
  }

  /** Takes all whose deadline is before that moment, earliest first. */
  List<Entry<K, V>> takeBefore(long nanos) {
    List<Entry<K, V>> taken = new ArrayList<>();
    while (!order.isEmpty() && order.first().deadlineNanos() - nanos < 0) {
      taken.add(take());
    }
    return taken;
  }

  /** Takes the first; throws {@link NoSuchElementException} where there is none. */
  Entry<K, V> take() {
    Entry<K, V> first = order.removeFirst();
    byKey.remove(first.key());
    return first;
  }

  Optional<V> peek() {
    return order.isEmpty() ? Optional.empty() : Optional.of(order.first().value());
  }

  OptionalLong earliestDeadlineNanos() {
    return order.isEmpty() ? OptionalLong.empty() : OptionalLong.of(order.first().deadlineNanos());
  }

  boolean isEmpty() {
    return order.isEmpty();
  }

  int size() {
    return order.size();
  }

  private void add(Entry<K, V> entry) {
    order.add(entry);
    byKey.put(entry.key(), entry);
  }
}
