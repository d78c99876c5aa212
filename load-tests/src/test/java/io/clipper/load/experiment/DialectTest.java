package io.clipper.load.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Input;
import io.clipper.model.Tensor;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DialectTest {
  /** Each pixel has its own number, from left to right and from top to bottom. */
  private static final Example UPRIGHT = new Example(Input.of(Tensor.ofFloats(numbered())), "3");

  private static float[] numbered() {
    float[] pixels = new float[64];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i;
    }
    return pixels;
  }

  private static double topLeft(Dialect dialect) {
    return dialect.spoken(UPRIGHT).input().first().doubleAt(0);
  }

  @Test
  void turnedClockwiseTheBottomLeftIsTheTopLeft() {
    assertThat(topLeft(new Dialect(false, 0))).isEqualTo(0);
    assertThat(topLeft(new Dialect(false, 1))).isEqualTo(56);
    assertThat(topLeft(new Dialect(false, 2))).isEqualTo(63);
    assertThat(topLeft(new Dialect(true, 0))).isEqualTo(7);
    assertThat(topLeft(new Dialect(true, 1))).isEqualTo(63);
  }

  @Test
  void noTwoAreAlike() {
    Set<String> pictures = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Dialect dialect : Dialect.ALL) {
      Tensor picture = dialect.spoken(UPRIGHT).input().first();
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < picture.elements(); i++) {
        text.append(picture.doubleAt(i)).append(' ');
      }
      pictures.add(text.toString());
      names.add(dialect.model());
    }

    assertThat(pictures).hasSize(8);
    assertThat(names).hasSize(8);
  }
}
