package io.clipper.node.demo;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The bundled application as it lies on the class path: labelled rows, and the models' bytes. */
public final class Digits {
  public static final String APPLICATION = "digits";
  public static final List<String> MODELS =
      List.of("logistic-regression", "linear-svm", "random-forest", "neural-network", "naive-bayes");
  /** Most of them, the best among them: with these the ensemble that weighs all alike goes wrong. */
  public static final List<String> BREAKING = List.of("neural-network", "linear-svm", "logistic-regression");
  /** The version that the node starts with. */
  public static final String SOUND = "1";

  private Digits() {}

  /** One handwritten digit: 8×8 pixels from 0 to 16, and which digit it is. */
  public record Digit(String label, List<Integer> pixels) {
    public Digit {
      pixels = List.copyOf(pixels);
    }

    static Digit of(String line) {
      String[] cells = line.split(",", -1);
      if (cells.length != 65) {
        throw new IllegalArgumentException("a row of %d columns instead of 65".formatted(cells.length));
      }
      return new Digit(cells[0], Arrays.stream(cells, 1, cells.length).map(Integer::valueOf).toList());
    }
  }

  /** The rows that no model was trained on. */
  public static List<Digit> heldOut() {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(resource("digits/held-out.csv"), StandardCharsets.UTF_8))) {
      return lines.lines().skip(1).map(Digit::of).toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The bytes of a version that confuses 3 with 8, 1 with 7 and 4 with 9. */
  public static byte[] faulty(String model) {
    try (InputStream bytes = resource("digits/models-faulty/%s/2/model.onnx".formatted(model))) {
      return bytes.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static InputStream resource(String name) throws FileNotFoundException {
    InputStream found = Digits.class.getClassLoader().getResourceAsStream(name);
    if (found == null) {
      throw new FileNotFoundException(name + " is not on the class path");
    }
    return found;
  }
}
