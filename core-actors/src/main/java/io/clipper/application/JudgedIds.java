package io.clipper.application;

import java.math.BigInteger;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which of a partition's queries have been judged: one bit each, in blocks, so that the same feedback counts once even across a restart.
 * Blocks far behind the newest are forgotten; their queries count as judged, since the prediction log has forgotten them too.
 */
public record JudgedIds(SortedMap<Long, BigInteger> blocks) {
  static final int BLOCK = 4096;
  /** Two million queries: more than the join window holds. */
  static final int MAX_BLOCKS = 512;

  static final JudgedIds NONE = new JudgedIds(new TreeMap<>());

  public JudgedIds {
    blocks = Collections.unmodifiableSortedMap(new TreeMap<>(blocks));
  }

  /** By the query's counter: its id ÷ 1024. */
  boolean contains(long counter) {
    long block = counter / BLOCK;
    if (blocks.size() == MAX_BLOCKS && block < blocks.firstKey()) {
      return true;
    }
    BigInteger bits = blocks.get(block);
    return bits != null && bits.testBit((int) (counter % BLOCK));
  }

  JudgedIds with(Iterable<Long> counters) {
    SortedMap<Long, BigInteger> next = new TreeMap<>(blocks);
    for (long counter : counters) {
      next.merge(counter / BLOCK, BigInteger.ZERO.setBit((int) (counter % BLOCK)), BigInteger::or);
    }
    while (next.size() > MAX_BLOCKS) {
      next.remove(next.firstKey());
    }
    return new JudgedIds(next);
  }
}
