package io.clipper.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsTest {
  @ParameterizedTest
  @CsvSource({
    "3, 3", "3.0, 3", "' 3 ', 3", "-0, 0", "-0.0, 0", "0.50, 0.5", ".5, 0.5", "1e3, 1000", "007, 7",
    "9007199254740993, 9007199254740993", "-9223372036854775808, -9223372036854775808", "18446744073709551615, 18446744073709551615",
    "100000000000000000, 100000000000000000", "1e17, 100000000000000000",
  })
  void numbersThatAreEqualHaveOneForm(String text, String canonical) {
    assertThat(Labels.canonical(text)).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cat", " cat ", "-", "3d", "1f", "0x10", "0x1p3", "1-2", "1.2.3", "NaN", "v1", "3 4", "٣"})
  void textsStayAsTheyAre(String text) {
    assertThat(Labels.canonical(text)).isEqualTo(text);
  }

  @Test
  void doublesHaveTheFormOfTheWholeNumbersTheyEqual() {
    assertThat(Labels.canonical(3.0)).isEqualTo("3");
    assertThat(Labels.canonical(-0.0)).isEqualTo("0");
    assertThat(Labels.canonical(1e17)).isEqualTo("100000000000000000");
    assertThat(Labels.canonical(0.1)).isEqualTo("0.1");
    assertThat(Labels.canonical(Double.NaN)).isEqualTo("NaN");
    assertThat(Labels.canonical(Double.POSITIVE_INFINITY)).isEqualTo("Infinity");
    assertThat(Labels.canonical(0x1p63)).isEqualTo("9.223372036854776E18");
  }
}
