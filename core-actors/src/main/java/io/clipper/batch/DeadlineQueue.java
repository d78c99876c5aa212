package io.clipper.batch;

import java.util.LinkedHashMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeSet;

/** A bounded queue in the order of deadlines; what is due at the same moment leaves in the order in which it came. */
public final class DeadlineQueue<K, V> {
  /**
   * One that waits. Moments are on the clock of whoever owns the queue.
   *
   * @param arrival its place among all that came
   */
  public record Entry<K, V>(K key, V value, long deadlineNanos, long arrivedNanos, long arrival, Company company) {
    /** Whether it may not share a batch. */
    public boolean alone() {
      return company != Company.ANY;
    }

    private int compareTo(Entry<K, V> other) {
      int byDeadline = Long.signum(deadlineNanos - other.deadlineNanos);
      return byDeadline != 0 ? byDeadline : Long.compare(arrival, other.arrival);
    }
  }

  /** What may be computed together with a row. */
  public enum Company {
    ANY,
    OTHER_BATCHES,
    NOTHING
  }

  private final TreeSet<Entry<K, V>> order = new TreeSet<>(Entry::compareTo);
  /** In the order of arrival. */
  private final LinkedHashMap<K, Entry<K, V>> byKey = new LinkedHashMap<>();
  private final int limit;
  private long arrivals;

  public DeadlineQueue(int limit) {
    this.limit = limit;
  }

  /** False where there is no room. A key that waits already is refused by an exception: two answers would go to one question. */
  public boolean offer(K key, V value, long deadlineNanos, long nowNanos) {
    return offer(key, value, deadlineNanos, nowNanos, Company.ANY);
  }

  /** The same, for one that may not be computed together with whatever else. */
  boolean offer(K key, V value, long deadlineNanos, long nowNanos, Company company) {
    if (byKey.containsKey(key)) {
      throw new IllegalArgumentException("%s waits already".formatted(key));
    }
    if (order.size() >= limit) {
      return false;
    }
    add(new Entry<>(key, value, deadlineNanos, nowNanos, arrivals++, company));
    return true;
  }

  /** Returns one that was taken to its place, to leave by itself the next time, whether there is room or not. */
  void putBackAlone(Entry<K, V> entry) {
    add(new Entry<>(entry.key(), entry.value(), entry.deadlineNanos(), entry.arrivedNanos(), entry.arrival(), strictest(entry)));
  }

  /** Gives one that waits a later deadline; an earlier one changes nothing. */
  public void postpone(K key, long deadlineNanos) {
    Entry<K, V> entry = byKey.get(key);
    if (entry != null && deadlineNanos - entry.deadlineNanos() > 0) {
      order.remove(entry);
      add(new Entry<>(key, entry.value(), deadlineNanos, entry.arrivedNanos(), entry.arrival(), entry.company()));
    }
  }

  public void remove(K key) {
    Entry<K, V> entry = byKey.remove(key);
    if (entry != null) {
      order.remove(entry);
    }
  }

  /** Takes the first; throws {@link NoSuchElementException} where there is none. */
  public Entry<K, V> take() {
    Entry<K, V> first = order.removeFirst();
    byKey.remove(first.key());
    return first;
  }

  /** Throws {@link NoSuchElementException} where there is none. */
  Entry<K, V> first() {
    return order.first();
  }

  public Optional<Entry<K, V>> peek() {
    return order.isEmpty() ? Optional.empty() : Optional.of(order.first());
  }

  /** Throws {@link NoSuchElementException} where there is none. */
  Entry<K, V> oldest() {
    return byKey.firstEntry().getValue();
  }

  /** How many have an earlier deadline, or the same; looks at no more than that many. */
  int aheadOf(long deadlineNanos, int most) {
    if (order.isEmpty() || order.last().deadlineNanos() - deadlineNanos <= 0) {
      return Math.min(most, order.size());
    }
    int ahead = 0;
    for (Entry<K, V> entry : order) {
      if (ahead == most || entry.deadlineNanos() - deadlineNanos > 0) {
        return ahead;
      }
      ahead++;
    }
    return ahead;
  }

  Iterable<Entry<K, V>> latestFirst() {
    return order.descendingSet();
  }

  public boolean isEmpty() {
    return order.isEmpty();
  }

  public int size() {
    return order.size();
  }

  private static Company strictest(Entry<?, ?> entry) {
    return entry.company() == Company.ANY ? Company.OTHER_BATCHES : entry.company();
  }

  private void add(Entry<K, V> entry) {
    order.add(entry);
    byKey.put(entry.key(), entry);
  }
}
