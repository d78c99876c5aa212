package io.clipper.application;

import java.util.random.RandomGenerator;

/**
 * A partition's query ids: counter · 1024 + partition, below 2^53 so that every JSON parser keeps them. Blocks are reserved in the ledger
 * ahead of use, so that an id is never given twice and a query never waits for the reservation.
 */
final class QueryIds {
  private static final int PARTITION_BITS = 10;
  static final int PARTITIONS = 1 << PARTITION_BITS;
  static final long BLOCK = 1L << 20;

  /** Counters above are drawn at random, for a partition that cannot read its ledger. */
  private static final long UNRESERVED = 1L << 42;

  private final int partition;
  private final RandomGenerator random;
  private long next;
  private long reservedBelow;
  private long requestedBelow;
  private long unreserved;
  private boolean started;
  private long taken;

  QueryIds(int partition, RandomGenerator random) {
    this.partition = partition;
    this.random = random;
  }

  static int partitionOf(long queryId) {
    return (int) (queryId % PARTITIONS);
  }

  /** The same for no two ids, whatever they are: with the bits low in which the ids of one partition differ, by which a table spreads them. */
  static long key(long queryId) {
    return Long.rotateRight(queryId, PARTITION_BITS);
  }

  /** Every counter that was given before is lower; not of ids without reservation. */
  long nextCounter() {
    return next;
  }

  long take() {
    taken++;
    if (next < reservedBelow) {
      return id(next++);
    }
    if (unreserved == 0) {
      unreserved = UNRESERVED + (random.nextLong() >>> 22);
    }
    return id(unreserved++);
  }

  /** How many were given. */
  long taken() {
    return taken;
  }

  /** The ledger says so. What was reserved before this loop began may have been given. */
  void reserved(long below) {
    if (!started) {
      started = true;
      next = below;
      requestedBelow = below;
    }
    reservedBelow = Math.max(reservedBelow, below);
  }

  boolean areReserved() {
    return next < reservedBelow;
  }

  /** The bound to reserve next, or 0 while enough is left or asked for. */
  long wanted() {
    if (requestedBelow - next > BLOCK / 2) {
      return 0;
    }
    requestedBelow += BLOCK;
    return requestedBelow;
  }

  /** A reservation was not kept: it is asked for again. */
  void notReserved() {
    requestedBelow = reservedBelow;
  }

  private long id(long counter) {
    return counter * PARTITIONS + partition;
  }
}
