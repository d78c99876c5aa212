package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

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
}
