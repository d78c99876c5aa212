package io.clipper.load.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {
  @Test
  void onlyTheBlockIsReplaced() throws IOException {
    String page = Page.with("# Title\n<!-- measured -->\nold\n<!-- /measured -->\nend\n", List.of("new", "lines"));

    assertThat(page).isEqualTo("# Title\n<!-- measured -->\n\nnew\nlines\n\n<!-- /measured -->\nend\n");
    assertThat(Page.with(page, List.of("new", "lines"))).isEqualTo(page);
  }

  @Test
  void aPageWithoutABlockIsLeftAlone() {
    assertThatThrownBy(() -> Page.with("# Title\n", List.of("new"))).isInstanceOf(IOException.class).hasMessageContaining("no block");
  }
}
