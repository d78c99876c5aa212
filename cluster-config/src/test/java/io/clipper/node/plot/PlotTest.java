package io.clipper.node.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.node.plot.Plot.Line;
import io.clipper.node.plot.Plot.Mark;
import io.clipper.node.plot.Plot.Panel;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlotTest {
  @Test
  void theGreatestValueIsAtTheTopAndTheLastAtTheRight() {
    Line line = new Line("a < b", List.of(0L, 50L, 100L), List.of(0.0, 4.0, 2.0));

    String svg = Plot.svg(List.of(new Panel("errors", "queries", List.of(line), List.of(new Mark("fault", 25)))));

    assertThat(svg)
        .contains("points=\"0.0,220.0 230.0,0.0 460.0,110.0\"")
        .contains("<line x1=\"115.0\"")
        .contains(">a &lt; b</text>", ">fault</text>", ">100 queries</text>");
  }

  @Test
  void aLineOfOneValueIsDrawnWithoutDividingByNothing() {
    String svg = Plot.svg(List.of(new Panel("", "", List.of(new Line("", List.of(0L, 1L), List.of(0.0, 0.0))), List.of())));

    assertThat(svg).contains("points=\"0.0,220.0 460.0,220.0\"").doesNotContain("NaN");
  }

  @Test
  void everyPlaceHasAValue() {
    assertThatThrownBy(() -> new Line("a", List.of(1L), List.of())).hasMessage("line a has 1 places and 0 values");
  }
}
