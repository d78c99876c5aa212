package io.clipper.batch;

import io.clipper.batch.Decision.DropFirst;
import io.clipper.batch.Decision.Go;
import io.clipper.batch.Decision.WaitUntil;
import java.time.Duration;

/**
 * Batches as large as the arrivals need and the objective allows. At rest a row leaves at once; when single rows would not keep up, a batch
 * is held until it has the rows that do, for a bounded time; where those who are answered ask again it is held for all of them or not at
 * all; when not everything can be met, the rows that are nearest to their deadline give way, so that batches stay full.
 */
public record RateMatched(int max, Duration objective) implements BatchController {
  /*
   * With arrivals of λ rows a nanosecond and ℓ(b) = β + αb:
   *   limit  = the largest b with ℓ(b) ≤ objective, where the objective is half of what a query may take: it may wait for a whole batch
   *            before its own (Nexus, SOSP 2019, 4.1)
   *   wanted = the smallest b with b/ℓ(b) ≥ 1.3·λ, at most the limit
   *   with q < wanted rows wait until the earliest of: the oldest has waited .6 objectives; the first deadline less the time that q + 1
   *            rows take (Proteus, ASPLOS 2024, 5.2); so many mean gaps after the newest row, when a burst is over
   *   while q > limit and a full batch would miss the first deadline drop that row (Nexus, 6.3); also where the batch that meets it is
   *            smaller than the smallest b with b/ℓ(b) ≥ λ, and smaller than what waits
   * Shrinking batches to meet every deadline instead of dropping is a spiral: small batches serve fewer rows, and so more are late.
   */
  /** Room for the arrivals to be more than their mean for a while. */
  private static final double HEADROOM = 1.3;
  private static final double LONGEST_HOLD = 0.6;
  /** A row of Poisson arrivals comes later than this once in fifty times. */
  private static final double GAPS_UNTIL_A_BURST_IS_OVER = 4;

  public RateMatched {
    if (max < 1) {
      throw new IllegalArgumentException("a batch of at most %d rows is none".formatted(max));
    }
  }

  @Override
  public Decision decide(long nowNanos, Waiting waiting) {
    int limit = limit(waiting.latency()).rows();
    int rows = waiting.rows();
    LatencyModel latency = waiting.latency();
    long left = waiting.firstDeadlineNanos() - nowNanos;
    if (rows > limit && latency.withinNanos(limit) > left) {
      return DropFirst.INSTANCE;
    }
    if (rows < limit && !waiting.isClosedLoop() && waiting.arrivals().isWorthHolding()) {
      int wanted = Math.min(limit, latency.rowsForRate(HEADROOM * waiting.arrivals().rowsPerNano()));
      if (rows < wanted) {
        long until = holdUntil(waiting);
        if (until - nowNanos > 0) {
          return new WaitUntil(until);
        }
      }
    }
    int sent = Math.min(rows, limit);
    if (latency.withinNanos(sent) <= left) {
      return new Go(sent);
    }
    int meeting = Math.min(latency.rowsSurelyWithin(left), sent);
    int needed = Math.min(sent, latency.rowsForRate(waiting.arrivals().rowsPerNano()));
    return meeting < needed && rows > 1 ? DropFirst.INSTANCE : new Go(meeting);
  }

  private long holdUntil(Waiting waiting) {
    long oldest = waiting.oldestArrivalNanos() + (long) (LONGEST_HOLD * objective.toNanos());
    long first = waiting.firstDeadlineNanos() - waiting.latency().withinNanos(waiting.rows() + 1);
    long newest = waiting.newestArrivalNanos() + (long) (GAPS_UNTIL_A_BURST_IS_OVER * waiting.arrivals().meanGapNanos());
    long earlier = oldest - first < 0 ? oldest : first;
    return earlier - newest < 0 ? earlier : newest;
  }

  @Override
  public boolean awaitsReturners() {
    return true;
  }

  @Override
  public RateMatched after(int rows, Duration latency) {
    return this; // what it learns is in the queue's latency model
  }

  @Override
  public RateMatched aimingAt(Duration newObjective) {
    return new RateMatched(max, newObjective);
  }

  @Override
  public BatchLimit limit(LatencyModel latency) {
    if (!latency.isKnown()) {
      return new BatchLimit(1, BatchLimit.Reason.UNEXPLORED);
    }
    return Limits.of(latency.rowsWithin(objective.toNanos()), latency, objective.toNanos(), max);
  }
}
