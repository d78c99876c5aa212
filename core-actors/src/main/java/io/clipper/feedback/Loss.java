package io.clipper.feedback;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Labels;
import io.clipper.model.Output;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How far an answer is from the truth, as a number from 0 (right) to 1. */
public enum Loss {
  /** 0 for the label itself, else 1. */
  ZERO_ONE,
  /** (y − ŷ)², and 1 where that is more: numbers are to be scaled so that an error of 1 is as bad as can be. */
  SQUARED,
  /** |y − ŷ|, and 1 where that is more. */
  ABSOLUTE,
  /** −ln p(label) ÷ −ln 10⁻⁶, and 1 where the label was given less than 10⁻⁶; needs class probabilities. */
  LOG;

  private static final double LEAST_PROBABILITY = 1e-6;

  /** Kebab-case, as settings write it. */
  public String settingName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Throws {@link IllegalArgumentException} with the names there are. */
  public static Loss named(String setting) {
    for (Loss loss : values()) {
      if (loss.settingName().equals(setting)) {
        return loss;
      }
    }
    throw new IllegalArgumentException(
        "loss '%s' is not one of %s".formatted(setting, Arrays.stream(values()).map(Loss::settingName).collect(Collectors.joining(", "))));
  }

  /**
   * Throws {@link IllegalArgumentException} that says which of the two this loss cannot judge, and why.
   *
   * @param label in its canonical form ({@link Labels#canonical})
   */
  public double of(Output predicted, String label) {
    return switch (this) {
      case ZERO_ONE -> predicted.label().orElseThrow(() -> wrong("output", describe(predicted), "a single element")).equals(label) ? 0 : 1;
      case SQUARED -> Math.min(1, error(predicted, label) * error(predicted, label));
      case ABSOLUTE -> Math.min(1, error(predicted, label));
      case LOG -> {
        ClassProbabilities probabilities =
            predicted.probabilities().orElseThrow(() -> wrong("output", describe(predicted), "a class with probabilities"));
        yield Math.clamp(Math.log(probabilities.of(label)) / Math.log(LEAST_PROBABILITY), 0.0, 1.0);
      }
    };
  }

  /** Whether answers are numbers to come near to, rather than classes to hit. */
  public boolean isOfNumbers() {
    return switch (this) {
      case ZERO_ONE, LOG -> false;
      case SQUARED, ABSOLUTE -> true;
    };
  }

  /** Throws {@link IllegalArgumentException} if no output could be judged by that label. */
  public void check(String label) {
    switch (this) {
      case ZERO_ONE, LOG -> {}
      case SQUARED, ABSOLUTE -> number(label);
    }
  }

  private double error(Output predicted, String label) {
    double answer = predicted.number().orElse(Double.NaN);
    if (Double.isNaN(answer)) {
      throw wrong("output", describe(predicted), "a number");
    }
    return Math.abs(answer - number(label));
  }

  private double number(String label) {
    try {
      double number = Double.parseDouble(label);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      throw wrong("label", "'" + label + "'", "a number");
    }
    throw wrong("label", "'" + label + "'", "a finite number");
  }

  private static String describe(Output output) {
    return output.first().toString();
  }

  private IllegalArgumentException wrong(String what, String found, String wanted) {
    return new IllegalArgumentException("loss '%s' needs %s, %s %s is not".formatted(settingName(), wanted, what, found));
  }
}
