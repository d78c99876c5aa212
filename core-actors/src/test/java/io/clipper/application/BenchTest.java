package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.ModelId;
import org.junit.jupiter.api.Test;

class BenchTest {
  private final ModelId model = new ModelId("m", "1");
  private final Bench bench = new Bench(3);

  @Test
  void aModelThatNeverAnswersIsBenched() {
    for (int i = 0; i < 3; i++) {
      assertThat(bench.holds(model)).isFalse();
      bench.silent(model);
    }

    assertThat(bench.holds(model)).isTrue();
  }

  @Test
  void oneAnswerBringsItBack() {
    for (int i = 0; i < 5; i++) {
      bench.silent(model);
    }

    bench.answered(model);

    assertThat(bench.holds(model)).isFalse();
  }
}
