package io.clipper.replica;

import java.util.OptionalLong;

/**
 * When a flight that is not back is asked of a second replica too: after what 95 % of flights take (Dean and Barroso, CACM 2013). Copies
 * have a budget of one in twenty flights, and there is none while the replicas are busy: a copy helps its own flight and delays the others.
 */
public final class Hedging {
  private static final double QUANTILE = 0.95;
  /** The estimate moves by this share of itself for a flight above it, and by a twentieth of that for one below. */
  private static final double STEP = 0.02;
  /** Above the quantile by so much: where all flights but a few take the same time, those are not hedged. */
  private static final double MARGIN = 1.25;
  /** Before so many flights the quantile is not known. */
  private static final int FEWEST_FLIGHTS = 50;
  /** Looking after flights more often than this costs more than a copy gains. */
  private static final double LEAST_DELAY_NANOS = 1e6;
  /** Copies for each flight. */
  private static final double BUDGET = 0.05;
  /** Copies that may be saved up: a stall of one replica needs several at once. */
  private static final double MOST_TOKENS = 10;

  private static final double HIGHEST_LOAD = 0.7;
  /** From which copies begin again: an average wavers, and would let some through at any load near the highest. */
  private static final double RESUMING_LOAD = 0.6;

  /** In the average that ends them, which is soon there, and in the one that has to be low as well before they begin again. */
  private static final double NEWEST_LOAD = 0.02;

  private static final double NEWEST_OF_LONG = 0.005;

  private double quantileNanos;
  private long flights;
  private double tokens;
  private long sent;
  private double load;
  private double longLoad;
  private boolean busy;

  /** A flight, no copy, is sent while so many of the replicas hold another one. */
  public void sent(int busyReplicas, int replicas) {
    tokens = Math.min(MOST_TOKENS, tokens + BUDGET);
    sent++;
    double now = (double) busyReplicas / replicas;
    load += Math.max(NEWEST_LOAD, 1.0 / sent) * (now - load);
    longLoad += Math.max(NEWEST_OF_LONG, 1.0 / sent) * (now - longLoad);
    busy = load > HIGHEST_LOAD || (busy && Math.max(load, longLoad) > RESUMING_LOAD);
  }

  /** A flight is back, so long after it was first sent, whoever answered it. */
  public void answered(long tookNanos) {
    double took = Math.max(1, tookNanos);
    if (flights == 0) {
      quantileNanos = took;
    }
    flights++;
    // Faster at first, until about the twentieth part of the flights is above.
    double step = STEP * Math.max(1, 10.0 / flights);
    quantileNanos *= took > quantileNanos ? 1 + step * QUANTILE : 1 - step * (1 - QUANTILE);
  }

  /** After how long a flight is copied; empty while that is not known. */
  public OptionalLong delayNanos() {
    return flights < FEWEST_FLIGHTS ? OptionalLong.empty() : OptionalLong.of((long) Math.max(LEAST_DELAY_NANOS, quantileNanos * MARGIN));
  }

  /** Takes a token for one copy, where there is one and the replicas are not too busy. */
  public boolean mayCopy() {
    if (tokens < 1 || busy) {
      return false;
    }
    tokens--;
    return true;
  }
}
