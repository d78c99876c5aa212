package io.clipper.feedback;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Labels;
import io.clipper.model.Output;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How far an answer is from the truth, as a number from 0 (right) to 1.
 *
 * @param quantile that is asked of the models, where the loss is one of quantiles; else 0.5
 */
public record Loss(Kind kind, double quantile) {
  /** Its rule. */
  public enum Kind {
    ZERO_ONE("zero-one"),
    SQUARED("squared"),
    ABSOLUTE("absolute"),
    LOG("log"),
    PINBALL("pinball");

    private final String name;

    Kind(String name) {
      this.name = name;
    }
  }

  /** 0 for the label itself, else 1. */
  public static final Loss ZERO_ONE = new Loss(Kind.ZERO_ONE, 0.5);

  /** (y − ŷ)², and 1 where that is more: numbers are to be scaled so that an error of 1 is as bad as can be. */
  public static final Loss SQUARED = new Loss(Kind.SQUARED, 0.5);

  /** |y − ŷ|, and 1 where that is more. */
  public static final Loss ABSOLUTE = new Loss(Kind.ABSOLUTE, 0.5);

  /** −ln p(label) ÷ −ln 10⁻⁶, and 1 where the label was given less than 10⁻⁶; needs class probabilities. */
  public static final Loss LOG = new Loss(Kind.LOG, 0.5);

  private static final List<Loss> PLAIN = List.of(ZERO_ONE, SQUARED, ABSOLUTE, LOG);
  private static final String PINBALL_OF = "pinball-";
  private static final double LEAST_PROBABILITY = 1e-6;

  /** q (y − ŷ) above the answer and (1 − q) (ŷ − y) below it, and 1 where that is more: least at the truth's q-quantile. */
  public static Loss pinball(double quantile) {
    if (!(quantile > 0 && quantile < 1)) {
      throw new IllegalArgumentException("quantile %s is not between 0 and 1".formatted(quantile));
    }
    return new Loss(Kind.PINBALL, quantile);
  }

  /** As settings write it. */
  public String settingName() {
    return kind == Kind.PINBALL ? PINBALL_OF + quantile : kind.name;
  }

  /** Throws {@link IllegalArgumentException} with the names there are. */
  public static Loss named(String setting) {
    for (Loss loss : PLAIN) {
      if (loss.kind.name.equals(setting)) {
        return loss;
      }
    }
    return quantileOf(setting)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "loss '%s' is not one of %s, %sQ with Q between 0 and 1"
                        .formatted(setting, PLAIN.stream().map(Loss::settingName).collect(Collectors.joining(", ")), PINBALL_OF)));
  }

  private static Optional<Loss> quantileOf(String setting) {
    if (!setting.startsWith(PINBALL_OF)) {
      return Optional.empty();
    }
    try {
      double quantile = Double.parseDouble(setting.substring(PINBALL_OF.length()));
      return quantile > 0 && quantile < 1 ? Optional.of(pinball(quantile)) : Optional.empty();
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  /**
   * Throws {@link IllegalArgumentException} that says which of the two this loss cannot judge, and why.
   *
   * @param label in its canonical form ({@link Labels#canonical})
   */
  public double of(Output predicted, String label) {
    return switch (kind) {
      case ZERO_ONE -> predicted.label().orElseThrow(() -> wrong("output", describe(predicted), "a single element")).equals(label) ? 0 : 1;
      case SQUARED -> Math.min(1, error(predicted, label) * error(predicted, label));
      case ABSOLUTE -> Math.min(1, Math.abs(error(predicted, label)));
      case PINBALL -> {
        double error = error(predicted, label);
        yield Math.min(1, error > 0 ? quantile * error : (quantile - 1) * error);
      }
      case LOG -> {
        ClassProbabilities probabilities =
            predicted.probabilities().orElseThrow(() -> wrong("output", describe(predicted), "a class with probabilities"));
        yield Math.clamp(Math.log(probabilities.of(label)) / Math.log(LEAST_PROBABILITY), 0.0, 1.0);
      }
    };
  }

  /** Whether answers are numbers to come near to, rather than classes to hit. */
  public boolean isOfNumbers() {
    return switch (kind) {
      case ZERO_ONE, LOG -> false;
      case SQUARED, ABSOLUTE, PINBALL -> true;
    };
  }

  /** Throws {@link IllegalArgumentException} if no output could be judged by that label. */
  public void check(String label) {
    switch (kind) {
      case ZERO_ONE, LOG -> {}
      case SQUARED, ABSOLUTE, PINBALL -> number(label);
    }
  }

  /** By how much the truth is above the answer. */
  private double error(Output predicted, String label) {
    double answer = predicted.number().orElse(Double.NaN);
    if (Double.isNaN(answer)) {
      throw wrong("output", describe(predicted), "a number");
    }
    return number(label) - answer;
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
