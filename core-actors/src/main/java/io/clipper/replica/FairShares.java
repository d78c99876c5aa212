package io.clipper.replica;

import java.util.HashMap;
import java.util.Map;

/**
 * What each asker of one model has on its way. While replicas refuse for overload nobody may have more than an equal share of what is on
 * its way when they do: so one application's burst leaves room for another's queries, and alone it may have everything.
 */
public final class FairShares<K> {
  /** So long after a refusal the replicas count as overloaded. */
  private static final long CONGESTED_NANOS = 1_000_000_000;
  /**
   * Of what is on its way at a refusal; with the first of an overload it counts alone. That may be far too much: what came in one moment, or
   * before the replicas knew how long they take.
   */
  private static final double NEWEST = 0.005;

  private static final class Count {
    private int onTheWay;
    private long lastAskedNanos;
  }

  private final Map<K, Count> counts = new HashMap<>();
  private int total;
  private double roomFor;
  private long refusedNanos;
  private boolean everRefused;

  public void asked(K asker, long nowNanos) {
    Count known = counts.get(asker);
    if (known == null) {
      forgetIdle(nowNanos);
      known = new Count();
      counts.put(asker, known);
    }
    known.lastAskedNanos = nowNanos;
  }

  /** After {@link #asked}: whether that asker may have one more on its way. */
  public boolean hasShare(K asker, long nowNanos) {
    if (!isCongested(nowNanos)) {
      return true;
    }
    forgetIdle(nowNanos);
    Count own = counts.get(asker);
    return own == null || counts.size() < 2 || own.onTheWay < Math.max(1, roomFor / counts.size());
  }

  public void sent(K asker) {
    Count count = counts.get(asker);
    if (count != null) {
      count.onTheWay++;
      total++;
    }
  }

  public void landed(K asker) {
    Count count = counts.get(asker);
    if (count != null && count.onTheWay > 0) {
      count.onTheWay--;
      total--;
    }
  }

  /** A replica had no room for another. */
  public void refused(long nowNanos) {
    roomFor = isCongested(nowNanos) ? roomFor + NEWEST * (total - roomFor) : total;
    everRefused = true;
    refusedNanos = nowNanos;
  }

  private boolean isCongested(long nowNanos) {
    return everRefused && nowNanos - refusedNanos < CONGESTED_NANOS;
  }

  private void forgetIdle(long nowNanos) {
    counts.values().removeIf(count -> count.onTheWay == 0 && nowNanos - count.lastAskedNanos > CONGESTED_NANOS);
  }
}
