package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgedIdsTest {
  @Test
  void aQueryIsJudgedOnce() {
    JudgedIds ids = JudgedIds.NONE.with(List.of(3L, 5000L));

    assertThat(ids.contains(3)).isTrue();
    assertThat(ids.contains(5000)).isTrue();
    assertThat(ids.contains(4)).isFalse();
  }

  @Test
  void whatIsFarBehindCountsAsJudged() {
    JudgedIds ids = JudgedIds.NONE;
    for (long block = 0; block <= JudgedIds.MAX_BLOCKS; block++) {
      ids = ids.with(List.of(block * JudgedIds.BLOCK));
    }

    assertThat(ids.blocks()).hasSize(JudgedIds.MAX_BLOCKS);
    assertThat(ids.contains(1)).isTrue();
    assertThat(ids.contains(JudgedIds.BLOCK + 1)).isFalse();
  }

  @Test
  void onePieceOfFeedbackCopiesNoOtherBlocks() {
    JudgedIds ids = JudgedIds.NONE;
    for (long block = 0; block < JudgedIds.MAX_BLOCKS; block++) {
      ids = ids.with(List.of(block * JudgedIds.BLOCK, block * JudgedIds.BLOCK + JudgedIds.BLOCK - 1));
    }
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<Long> counters = List.of((JudgedIds.MAX_BLOCKS - 1L) * JudgedIds.BLOCK + 17);
    ids.with(counters); // what is loaded at first is not counted

    long before = thread.getCurrentThreadAllocatedBytes();
    JudgedIds more = ids.with(counters);
    long bytes = thread.getCurrentThreadAllocatedBytes() - before;

    assertThat(more.contains(counters.getFirst())).isTrue();
    assertThat(bytes).as("512 blocks have 40 KB of entries").isLessThan(8192);
  }

  @Test
  void itIsWrittenAndReadAsItsBlocks() throws IOException {
    ObjectMapper json = new ObjectMapper();
    JudgedIds ids = JudgedIds.NONE.with(List.of(0L, 1L, 5000L));

    String written = json.writeValueAsString(ids);

    assertThat(written).isEqualTo("{\"blocks\":{\"0\":3,\"1\":%s}}".formatted(BigInteger.ONE.shiftLeft(5000 - 4096)));
    assertThat(json.readValue(written, JudgedIds.class)).isEqualTo(ids);
  }
}
