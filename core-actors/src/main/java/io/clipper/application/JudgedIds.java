package io.clipper.application;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.TreeMap;
import scala.jdk.javaapi.CollectionConverters;
import scala.math.Ordering;

/**
 * Which of a partition's queries have been judged: one bit each, in blocks, so that the same feedback counts once even across a restart.
 * Blocks far behind the newest are forgotten; their queries count as judged, since the prediction log has forgotten them too.
 *
 * <p>Each piece of feedback makes a new one, which has all blocks but one in common with the one before.
 */
public final class JudgedIds {
  static final int BLOCK = 4096;
  /** Two million queries: more than the join window holds. */
  static final int MAX_BLOCKS = 512;

  static final JudgedIds NONE = new JudgedIds(new TreeMap<>(Ordering.comparatorToOrdering(Comparator.<Long>naturalOrder())));

  private final TreeMap<Long, BigInteger> blocks;

  private JudgedIds(TreeMap<Long, BigInteger> blocks) {
    this.blocks = blocks;
  }

  @JsonCreator
  static JudgedIds of(@JsonProperty("blocks") Map<Long, BigInteger> blocks) {
    TreeMap<Long, BigInteger> all = NONE.blocks;
    for (Map.Entry<Long, BigInteger> block : blocks.entrySet()) {
      all = all.updated(block.getKey(), block.getValue());
    }
    return new JudgedIds(all);
  }

  /** In order. */
  @JsonProperty
  Map<Long, BigInteger> blocks() {
    return CollectionConverters.asJava(blocks);
  }

  /** By the query's counter: its id ÷ 1024. */
  boolean contains(long counter) {
    long block = counter / BLOCK;
    if (blocks.size() == MAX_BLOCKS && block < blocks.firstKey()) {
      return true;
    }
    return bits(blocks, block).testBit((int) (counter % BLOCK));
  }

  JudgedIds with(Iterable<Long> counters) {
    TreeMap<Long, BigInteger> next = blocks;
    for (long counter : counters) {
      long block = counter / BLOCK;
      next = next.updated(block, bits(next, block).setBit((int) (counter % BLOCK)));
    }
    while (next.size() > MAX_BLOCKS) {
      next = next.removed(next.firstKey());
    }
    return new JudgedIds(next);
  }

  private static BigInteger bits(TreeMap<Long, BigInteger> blocks, long block) {
    return blocks.contains(block) ? blocks.apply(block) : BigInteger.ZERO;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JudgedIds that && blocks.equals(that.blocks);
  }

  @Override
  public int hashCode() {
    return blocks.hashCode();
  }

  @Override
  public String toString() {
    return "JudgedIds[blocks=%s]".formatted(blocks());
  }
}
