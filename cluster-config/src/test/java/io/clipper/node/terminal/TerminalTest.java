package io.clipper.node.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private final StringWriter out = new StringWriter();

  @Test
  void whereNobodyLooksOnlyTheLastFrameIsPrinted() {
    LiveLines lines = new LiveLines(terminal(false));
    lines.frame(List.of("one"));
    lines.last(List.of("two"));
    assertThat(out.toString()).isEqualTo("two\n");
  }

  @Test
  void onATerminalEachFrameReplacesTheOneBefore() {
    LiveLines lines = new LiveLines(terminal(true));
    lines.frame(List.of("a", "b"));
    lines.frame(List.of("c"));
    assertThat(out.toString()).isEqualTo("a\nb\n\033[2A\033[Jc\n");
  }

  @Test
  void aNoteTakesTheFramesPlaceAndStays() {
    LiveLines lines = new LiveLines(terminal(true));
    lines.frame(List.of("a"));
    lines.note("news");
    lines.frame(List.of("b"));
    assertThat(out.toString()).isEqualTo("a\n\033[1A\033[Jnews\nb\n");
  }

  @Test
  void columnsAreAsWideAsTheirWidestCellAndNumbersStandRight() {
    Table table = new Table("name", "weight").row("a", "7").row("longer", "12.5");
    assertThat(table.lines()).containsExactly("name    weight", "a            7", "longer    12.5");
    assertThatThrownBy(() -> table.row("one")).hasMessage("1 cells under 2 headings");
  }

  @Test
  void aBarIsFullOnlyAtTheEnd() {
    assertThat(ProgressBar.of(0.999, "")).contains("░").contains("99 %");
    assertThat(ProgressBar.of(1, "done")).doesNotContain("░").contains("100 %").endsWith("done");
  }

  private Terminal terminal(boolean interactive) {
    return new Terminal(new PrintWriter(out), new PrintWriter(out), interactive);
  }
}
