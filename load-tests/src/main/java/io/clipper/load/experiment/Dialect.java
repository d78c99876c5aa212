package io.clipper.load.experiment;

import io.clipper.model.Input;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to lay a square picture down: mirrored left to right or not, then turned clockwise.
 *
 * @param quarters 0..3
 */
record Dialect(boolean mirrored, int quarters) {
  static final List<Dialect> ALL = all();

  private static final int SIDE = NoisyDigits.SIDE;

  /** Its model's name. */
  String model() {
    return "%s-%d".formatted(mirrored ? "mirrored" : "upright", 90 * quarters);
  }

  /** The same digit, written in this dialect. */
  Example spoken(Example upright) {
    float[] picture = new float[SIDE * SIDE];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = (float) upright.input().first().doubleAt(mirrored ? i - i % SIDE + SIDE - 1 - i % SIDE : i);
    }
    for (int turn = 0; turn < quarters; turn++) {
      picture = turned(picture);
    }
    return new Example(Input.of(Tensor.ofFloats(picture)), upright.label());
  }

  /** What was the first column from below is the first row. */
  private static float[] turned(float[] picture) {
    float[] turned = new float[picture.length];
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        turned[row * SIDE + column] = picture[(SIDE - 1 - column) * SIDE + row];
      }
    }
    return turned;
  }

  private static List<Dialect> all() {
    List<Dialect> all = new ArrayList<>();
    for (boolean mirrored : new boolean[] {false, true}) {
      for (int quarters = 0; quarters < 4; quarters++) {
        all.add(new Dialect(mirrored, quarters));
      }
    }
    return List.copyOf(all);
  }
}
