package io.clipper.batch;

import io.clipper.batch.DeadlineQueue.Company;
import io.clipper.batch.DeadlineQueue.Entry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;

/**
 * One replica's queue, what is known of its runtime's speed, and the controller that cuts its batches. Its owner asks for the {@link #next}
 * step whenever something has happened, and takes steps until one says to rest.
 */
public final class Batcher<K, V> implements Waiting {
  /**
   * A batch that the runtime has.
   *
   * @param latestDeadlineNanos of those in it
   * @param secluded whether the runtime may have nothing beside it
   */
  private record UnderWay(long number, int rows, long sentNanos, long latestDeadlineNanos, boolean secluded) {}

  /** While one batch runs, the next is sent this share of the first's time before it is expected back, to be there when it is. */
  private static final double LEAD = 0.1;
  /** Two batches at once hide a wire and are computed one after the other; more make sense only where they are computed side by side. */
  private static final int IN_TURN = 2;

  private final DeadlineQueue<K, V> queue;
  private final int depth;
  private final ArrivalRate arrivals = new ArrivalRate();
  private final Returners returners = new Returners();
  private final Population askers = new Population();
  private final TurnedAway turnedAway = new TurnedAway();
  private final Deque<UnderWay> underWay = new ArrayDeque<>();
  private BatchController controller;
  private LatencyModel latency = LatencyModel.UNKNOWN;
  private int rowsUnderWay;
  private long sent;
  private long lastReturnNanos;
  private boolean holding;
  private long holdingSince;
  private int rowsHeld;

  /**
   * @param queueLimit rows that may wait
   * @param depth batches that the runtime may have at once: two for one behind a wire, which else is idle while a batch travels
   */
  public Batcher(BatchController controller, int queueLimit, int depth, long nowNanos) {
    if (depth < 1) {
      throw new IllegalArgumentException("a runtime that may have %d batches does nothing".formatted(depth));
    }
    this.controller = controller;
    this.queue = new DeadlineQueue<>(queueLimit);
    this.depth = depth;
    this.lastReturnNanos = nowNanos;
  }

  /** False where there is no room. */
  public boolean offer(K key, V value, long deadlineNanos, long nowNanos) {
    return offer(key, value, deadlineNanos, nowNanos, Company.ANY);
  }

  /** The same, for one that the runtime gets while it has nothing else: should the runtime not outlive it, it is known why. */
  public boolean offerSecluded(K key, V value, long deadlineNanos, long nowNanos) {
    return offer(key, value, deadlineNanos, nowNanos, Company.NOTHING);
  }

  private boolean offer(K key, V value, long deadlineNanos, long nowNanos, Company company) {
    turnedAway.kept();
    askers.arrived(arrivals.meanGapNanos(), nowNanos);
    arrivals.arrived(nowNanos);
    returners.arrived(nowNanos);
    return queue.offer(key, value, deadlineNanos, nowNanos, company);
  }

  /** See {@link DeadlineQueue#postpone}. */
  public void postpone(K key, long deadlineNanos) {
    queue.postpone(key, deadlineNanos);
  }

  /** One that nobody waits for any more; what a batch has already is computed. */
  public void cancel(K key) {
    queue.remove(key);
  }

  /** Everything that waits, earliest deadline first; nothing waits then. */
  public List<Entry<K, V>> takeAll() {
    List<Entry<K, V>> all = new ArrayList<>(queue.size());
    while (!queue.isEmpty()) {
      all.add(queue.take());
    }
    return all;
  }

  public Step<K, V> next(long nowNanos) {
    if (queue.isEmpty()) {
      holding = false;
      return new Step.Rest<>(OptionalLong.empty());
    }
    Entry<K, V> first = queue.first();
    boolean isFree = isFreeFor(first);
    if (first.deadlineNanos() - nowNanos <= 0 || (isFree && isHopeless(first, nowNanos))) {
      turnedAway.turnedAway();
      return new Step.Drop<>(queue.take(), false);
    }
    if (!isFree) {
      return new Step.Rest<>(OptionalLong.of(first.deadlineNanos()));
    }
    if (first.alone()) {
      return send(1, nowNanos);
    }
    if (!underWay.isEmpty() && queue.size() < controller.limit(latency).rows()) {
      long lead = expectedReturnNanos(nowNanos) - (long) (LEAD * latency.expectedNanos(underWay.getFirst().rows()));
      if (lead - nowNanos > 0) {
        return new Step.Rest<>(OptionalLong.of(earlier(lead, first.deadlineNanos())));
      }
    }
    OptionalLong heldUntil = heldForReturnersUntil(nowNanos);
    if (heldUntil.isPresent()) {
      return new Step.Rest<>(heldUntil);
    }
    return switch (controller.decide(nowNanos, this)) {
      case Decision.Go(var rows) -> send(rows, nowNanos);
      case Decision.DropFirst drop -> {
        turnedAway.turnedAway();
        yield new Step.Drop<>(queue.take(), true);
      }
      case Decision.WaitUntil(var until) -> {
        if (!holding) {
          holding = true;
          holdingSince = nowNanos;
          rowsHeld = queue.size();
        }
        yield new Step.Rest<>(OptionalLong.of(earlier(until, first.deadlineNanos())));
      }
    };
  }

  private boolean isFreeFor(Entry<K, V> row) {
    return underWay.isEmpty()
        || (underWay.size() < depth && row.company() != Company.NOTHING && underWay.stream().noneMatch(UnderWay::secluded));
  }

  /** Whether not even a batch of its own would be in time. The last row is tried all the same: so a bad estimate is found to be one. */
  private boolean isHopeless(Entry<K, V> first, long nowNanos) {
    return queue.size() > 1 && first.deadlineNanos() - nowNanos < latency.expectedNanos(1);
  }

  /** As long as the first that waits has time for one row more. */
  private OptionalLong heldForReturnersUntil(long nowNanos) {
    if (!underWay.isEmpty() || !controller.awaitsReturners() || queue.size() >= controller.limit(latency).rows()) {
      return OptionalLong.empty();
    }
    OptionalLong until = returners.until(queue.size(), nowNanos);
    if (until.isEmpty()) {
      return until;
    }
    long latest = earlier(until.getAsLong(), queue.first().deadlineNanos() - latency.withinNanos(queue.size() + 1));
    return latest - nowNanos > 0 ? OptionalLong.of(latest) : OptionalLong.empty();
  }

  private Step<K, V> send(int rows, long nowNanos) {
    if (holding) {
      arrivals.held(nowNanos - holdingSince, queue.size() - rowsHeld);
      holding = false;
    } else {
      arrivals.notHeld();
    }
    List<Entry<K, V>> batch = new ArrayList<>(rows);
    boolean alone = queue.first().alone();
    boolean secluded = queue.first().company() == Company.NOTHING;
    long latest = queue.first().deadlineNanos();
    do {
      Entry<K, V> row = queue.take();
      latest = row.deadlineNanos() - latest > 0 ? row.deadlineNanos() : latest;
      batch.add(row);
    } while (!alone && batch.size() < rows && !queue.isEmpty() && !queue.first().alone());
    underWay.add(new UnderWay(sent++, batch.size(), nowNanos, latest, secluded));
    rowsUnderWay += batch.size();
    return new Step.Send<>(batch);
  }

  /** The number of the batch that was sent last: its owner gives it back with the outcome. */
  public long lastSent() {
    return sent - 1;
  }

  /** The batch came back as it should. Its latency counts from when the runtime had nothing else to do. */
  public void returned(long batch, long nowNanos) {
    UnderWay back = takeUnderWay(batch);
    long startedNanos = back.sentNanos() - lastReturnNanos > 0 ? back.sentNanos() : lastReturnNanos;
    lastReturnNanos = nowNanos;
    Duration took = Duration.ofNanos(Math.max(0, nowNanos - startedNanos));
    latency = latency.after(back.rows(), took);
    returners.returned(back.rows(), latency, nowNanos);
    askers.returned(arrivals.newestNanos(), nowNanos);
    controller = controller.after(back.rows(), took);
  }

  /** The batch came back with nothing: how long that took says nothing. */
  public void failed(long batch, long nowNanos) {
    takeUnderWay(batch);
    lastReturnNanos = nowNanos;
  }

  /** A row of a batch that failed goes once more, by itself. */
  public void putBackAlone(Entry<K, V> row) {
    queue.putBackAlone(row);
  }

  public void aimAt(Duration objective) {
    controller = controller.aimingAt(objective);
  }

  /**
   * Whether a row with that deadline is refused, since it would surely miss it behind those that leave before it. In overload also where it,
   * or the first that waits, would not surely be in time: so that who cannot be served hears of it at once, and not when a batch is cut
   * without it. Never where nothing else is to be done.
   */
  public boolean refuses(long deadlineNanos, long nowNanos) {
    boolean refuses = isTooLateFor(deadlineNanos, nowNanos);
    if (refuses) {
      turnedAway.turnedAway();
    }
    return refuses;
  }

  /**
   * Whether a row that has, or had, so long would be late whatever else there was to do: the model takes longer by itself, or it still holds
   * a batch that is late for everyone in it. Then it is the model that is slow, and not too much that is asked of it.
   */
  public boolean isTooSlowFor(long budgetNanos, long nowNanos) {
    return (latency.isFamiliar() && latency.expectedNanos(1) > budgetNanos)
        || (!underWay.isEmpty() && underWay.getFirst().latestDeadlineNanos() - nowNanos < 0);
  }

  private boolean isTooLateFor(long deadlineNanos, long nowNanos) {
    if (!latency.isKnown() || (queue.isEmpty() && (underWay.isEmpty() || hasRoomBeside()))) {
      return false;
    }
    BatchLimit most = controller.limit(latency);
    if (most.reason() == BatchLimit.Reason.UNEXPLORED) {
      return false;
    }
    long left = deadlineNanos - nowNanos;
    int limit = most.rows();
    long fullNanos = Math.max(1, latency.expectedNanos(limit));
    long more = Math.min(Integer.MAX_VALUE - 1, (left / fullNanos + 1) * limit);
    int ahead = queue.aheadOf(deadlineNanos, (int) Math.max(0, more));
    if (turnedAway.isOverloaded()) {
      return !isSurelyInTime(left, ahead, limit, nowNanos) || wouldDisplace(deadlineNanos, (int) more, limit, nowNanos);
    }
    return residualNanos(nowNanos) + (ahead + 1) / limit * fullNanos > left;
  }

  /** Whether a row goes at once, to be computed beside what is under way and not behind it. */
  private boolean hasRoomBeside() {
    return depth > IN_TURN && underWay.size() < depth;
  }

  /**
   * Whether one that was let in and is surely in time would not be so behind one more. In full batches that is the last row of one, which
   * leaves with the next; the latest are looked at, as many as at most.
   */
  private boolean wouldDisplace(long deadlineNanos, int most, int limit, long nowNanos) {
    int place = queue.size();
    for (Entry<K, V> behind : queue.latestFirst()) {
      place--;
      long left = behind.deadlineNanos() - nowNanos;
      if (behind.deadlineNanos() - deadlineNanos <= 0 || queue.size() - place > most) {
        return false;
      }
      if (place % limit == limit - 1 && isSurelyInTime(left, place, limit, nowNanos) && !isSurelyInTime(left, place + 1, limit, nowNanos)) {
        return true;
      }
    }
    return false;
  }

  /** In the next batch without making its first row late, or after it in a batch as large as the arrivals need. */
  private boolean isSurelyInTime(long left, int ahead, int limit, long nowNanos) {
    long fullNanos = latency.expectedNanos(limit);
    // What runs may take longer than expected too.
    long residual = residualNanos(nowNanos) + latency.withinNanos(limit) - fullNanos;
    long firstLeft = queue.isEmpty() ? left : Math.min(left, queue.first().deadlineNanos() - nowNanos);
    if (queue.size() < limit && residual + latency.withinNanos(queue.size() + 1) <= firstLeft) {
      return true;
    }
    int needed = Math.min(limit, latency.rowsForRate(arrivals.rowsPerNano()));
    int before = Math.max(ahead / limit * limit, Math.min(queue.size(), limit));
    long begins = residual + before / limit * fullNanos + (before % limit == 0 ? 0 : latency.expectedNanos(before % limit));
    return begins + latency.withinNanos(Math.max(ahead % limit + 1, needed)) <= left;
  }

  /** Until the runtime is expected to have nothing to do. One that is overdue needs as long again, as stalls of all lengths do. */
  private long residualNanos(long nowNanos) {
    if (underWay.isEmpty()) {
      return 0;
    }
    long left = dueNanos() - nowNanos;
    return underWay.size() < depth ? Math.max(0, left) : Math.abs(left);
  }

  private long expectedReturnNanos(long nowNanos) {
    long due = dueNanos();
    return due - nowNanos > 0 ? due : nowNanos;
  }

  /** When all that is under way should have come back. */
  private long dueNanos() {
    long free = lastReturnNanos;
    for (UnderWay batch : underWay) {
      long started = batch.sentNanos() - free > 0 ? batch.sentNanos() : free;
      free = started + latency.expectedNanos(batch.rows());
    }
    return free;
  }

  private UnderWay takeUnderWay(long number) {
    for (UnderWay batch : underWay) {
      if (batch.number() == number) {
        underWay.remove(batch);
        rowsUnderWay -= batch.rows();
        return batch;
      }
    }
    throw new NoSuchElementException("batch %d is not under way".formatted(number));
  }

  private static long earlier(long one, long other) {
    return one - other < 0 ? one : other;
  }

  public boolean isIdle() {
    return underWay.isEmpty();
  }

  public boolean isEmpty() {
    return queue.isEmpty();
  }

  public int rowsUnderWay() {
    return rowsUnderWay;
  }

  public BatchLimit limit() {
    return controller.limit(latency);
  }

  @Override
  public int rows() {
    return queue.size();
  }

  @Override
  public long firstDeadlineNanos() {
    return queue.first().deadlineNanos();
  }

  @Override
  public long oldestArrivalNanos() {
    return queue.oldest().arrivedNanos();
  }

  @Override
  public long newestArrivalNanos() {
    return arrivals.newestNanos();
  }

  @Override
  public ArrivalRate arrivals() {
    return arrivals;
  }

  @Override
  public boolean isClosedLoop() {
    return askers.isClosed();
  }

  @Override
  public LatencyModel latency() {
    return latency;
  }
}
