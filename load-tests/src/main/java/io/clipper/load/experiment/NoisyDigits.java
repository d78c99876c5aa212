package io.clipper.load.experiment;

import io.clipper.model.Input;
import io.clipper.model.Tensor;
import io.clipper.node.demo.Digits;
import io.clipper.node.demo.Digits.Digit;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The bundled digits that no model was trained on, drawn again and again, each time with Gaussian noise of its own on every pixel: as many
 * inputs as are wanted, no two alike.
 */
final class NoisyDigits {
  static final int SIDE = 8;

  private static final double INK = 16;

  private final List<Digit> rows = Digits.heldOut();
  private final RandomGenerator random;

  NoisyDigits(RandomGenerator random) {
    this.random = random;
  }

  /** @param noise its standard deviation; pixels are 0..16 */
  Example next(double noise) {
    Digit digit = rows.get(random.nextInt(rows.size()));
    float[] pixels = new float[digit.pixels().size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.clamp(digit.pixels().get(i) + noise * random.nextGaussian(), 0, INK);
    }
    return new Example(Input.of(Tensor.ofFloats(pixels)), digit.label());
  }
}
