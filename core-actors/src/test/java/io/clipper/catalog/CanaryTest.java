package io.clipper.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanaryTest {
  private static final int CONTEXTS = 20_000;

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 50, 99})
  void itTakesItsShare(int percent) {
    Canary canary = new Canary("2", percent);

    long taken = contexts().filter(user -> canary.takes("m", "user-" + user)).count();

    // Four standard deviations of a fair draw.
    double deviation = Math.sqrt(CONTEXTS * percent / 100.0 * (1 - percent / 100.0));
    assertThat((double) taken).isBetween(CONTEXTS * percent / 100.0 - 4 * deviation, CONTEXTS * percent / 100.0 + 4 * deviation);
  }

  @Test
  void whoHasItKeepsItWhileTheShareGrows() {
    assertThat(contexts().filter(user -> new Canary("2", 10).takes("m", "user-" + user)))
        .allMatch(user -> new Canary("2", 30).takes("m", "user-" + user));
  }

  @Test
  void anotherVersionTakesOthers() {
    long both = contexts().filter(user -> new Canary("2", 10).takes("m", "" + user) && new Canary("3", 10).takes("m", "" + user)).count();

    assertThat(both).isBetween(CONTEXTS / 200L, CONTEXTS / 50L);
  }

  private static IntStream contexts() {
    return IntStream.range(0, CONTEXTS);
  }
}
