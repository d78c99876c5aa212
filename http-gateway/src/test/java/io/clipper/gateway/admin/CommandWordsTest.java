package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class CommandWordsTest {
  @Test
  void wordsEndAtBlanksOutsideQuotes() {
    assertThat(CommandWords.of("  my-server\t--port {port}\n")).containsExactly("my-server", "--port", "{port}");
    assertThat(CommandWords.of("sh -c 'a \"b\" \\ | c' \"it's\" x' 'y \"\" ''")).containsExactly("sh", "-c", "a \"b\" \\ | c", "it's", "x y", "", "");
    assertThat(CommandWords.of(" ")).isEmpty();
  }

  @Test
  void aBackslashTakesTheNextCharacterAsItIs() {
    assertThat(CommandWords.of("a\\ b \\\\ \\' \"\\\" \\\\ \\n\"")).containsExactly("a b", "\\", "'", "\" \\ \\n");
  }

  @Test
  void whatIsNotFinishedIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> CommandWords.of("sh -c 'exit")).withMessage("a ' is not closed in 'sh -c 'exit'");
    assertThatIllegalArgumentException().isThrownBy(() -> CommandWords.of("a \"\\\"")).withMessageContaining("a \" is not closed");
    assertThatIllegalArgumentException().isThrownBy(() -> CommandWords.of("a\\")).withMessageContaining("nothing follows");
  }
}
