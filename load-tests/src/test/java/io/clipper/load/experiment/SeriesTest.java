package io.clipper.load.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTest {
  private static Series of(double... values) {
    Series series = new Series(values.length);
    for (double value : values) {
      series.add(value);
    }
    return series;
  }

  @Test
  void theWorstWindowIsAmongThoseThatAreFull() {
    assertThat(of(1, 0, 0, 1, 1, 0).worst(2, 0, 6)).isEqualTo(1);
    assertThat(of(1, 0, 0, 1, 1, 0).worst(2, 0, 4)).isEqualTo(0.5);
    assertThat(of(1, 0, 0, 1, 1, 0).worst(3, 1, 6)).isEqualTo(2.0 / 3);
  }

  @Test
  void aMovingMeanIsOfTheLatest() {
    Series moving = of(4, 2, 0, 1).moving(2);

    assertThat(List.of(moving.at(0), moving.at(1), moving.at(2), moving.at(3))).containsExactly(4.0, 3.0, 1.0, 0.5);
  }

  @Test
  void aLineEndsWithWhatHasAccumulated() {
    Series all = of(new double[1000]);
    Series ones = new Series(all.size());
    for (int i = 0; i < all.size(); i++) {
      ones.add(true);
    }

    assertThat(ones.accumulated().line("sum").values()).hasSize(200).startsWith(5.0).endsWith(1000.0);
  }
}
