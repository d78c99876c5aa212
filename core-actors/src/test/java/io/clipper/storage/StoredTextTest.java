package io.clipper.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredTextTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "anna", "é→", "\uD83D\uDE00", "a\uD83D\uDE00\uD83D\uDE00b", "\u0001\n", "\uFFFF"})
  void whateverHasUtf8IsKept(String text) {
    assertThat(StoredText.isKept(text)).isTrue();
  }

  @Test
  void whatIsNotKeptIsNamedWithItsPlace() {
    assertThat(StoredText.fault("a\u0000")).contains("has a NUL at character 1");
    assertThat(StoredText.fault("\uD83D")).contains("has half a surrogate pair at character 0");
    assertThat(StoredText.fault("\uD83D\uDE00b\uDE00")).contains("has half a surrogate pair at character 3");
    assertThat(StoredText.fault("\uD83D\uD83D\uDE00")).contains("has half a surrogate pair at character 0");
  }
}
