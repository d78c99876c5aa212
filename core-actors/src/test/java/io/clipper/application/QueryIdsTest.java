package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class QueryIdsTest {
  private final QueryIds ids = new QueryIds(7, new Random(1));

  @Test
  void anIdNamesItsPartitionAndFitsAJsonNumber() {
    ids.reserved(0);
    ids.reserved(ids.wanted());

    assertThat(ids.take()).isEqualTo(7);
    assertThat(ids.take()).isEqualTo(QueryIds.PARTITIONS + 7);
    assertThat(QueryIds.partitionOf(ids.take())).isEqualTo(7);
  }

  @Test
  void whatWasReservedBeforeARestartIsNotGivenAgain() {
    ids.reserved(5 * QueryIds.BLOCK);
    ids.reserved(ids.wanted());

    assertThat(ids.take()).isEqualTo(5 * QueryIds.BLOCK * QueryIds.PARTITIONS + 7);
  }

  @Test
  void theNextBlockIsAskedForBeforeTheLastIsUsedUp() {
    ids.reserved(0);
    long first = ids.wanted();
    ids.reserved(first);
    assertThat(ids.wanted()).isZero();

    for (long i = 0; i <= QueryIds.BLOCK / 2; i++) {
      ids.take();
    }

    assertThat(ids.wanted()).isEqualTo(2 * QueryIds.BLOCK);
  }

  @Test
  void aLedgerThatAnswersAgainDoesNotMakeTheNumbersJump() {
    ids.reserved(0);
    ids.reserved(ids.wanted());
    long before = ids.take();
    ids.notReserved();

    ids.reserved(QueryIds.BLOCK);

    assertThat(ids.take()).isEqualTo(before + QueryIds.PARTITIONS);
  }

  @Test
  void withoutALedgerIdsAreDistinctAndStillBelowTwoToThe53() {
    Set<Long> given = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      given.add(ids.take());
    }

    assertThat(given).hasSize(1000).allMatch(id -> id > QueryIds.BLOCK * QueryIds.PARTITIONS && id < 1L << 53);
  }

  @Test
  void theKeysOfIdsInARowAreInARowAndNoTwoIdsHaveTheSame() {
    ids.reserved(0);
    ids.reserved(ids.wanted());
    long first = QueryIds.key(ids.take());

    assertThat(QueryIds.key(ids.take())).isEqualTo(first + 1);
    assertThat(LongStream.range(-5000, 5000).map(QueryIds::key).distinct().count()).as("those of stand-ins too").isEqualTo(10_000);
  }
}
