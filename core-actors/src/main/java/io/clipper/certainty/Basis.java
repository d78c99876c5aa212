package io.clipper.certainty;

import io.clipper.certainty.Certainty.PredictionInterval;
import io.clipper.certainty.Certainty.PredictionSet;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Output;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** What the models together say of one input, and how strange that makes a label. */
public sealed interface Basis {
  /** How strange a label is; empty for one that has no place here. */
  OptionalDouble score(String label);

  /** All that is no stranger than that. */
  Certainty within(double threshold, boolean calibrated);

  /** How much a threshold lets in: classes, or the width of the interval. */
  double size(double threshold);

  /** 1 − p(y), which is at most 1: a class that no model knows is as strange as can be. */
  record OfClasses(ClassProbabilities plausibility) implements Basis {
    @Override
    public OptionalDouble score(String label) {
      return OptionalDouble.of(1 - plausibility.of(label));
    }

    @Override
    public PredictionSet within(double threshold, boolean calibrated) {
      List<String> classes =
          IntStream.range(0, plausibility.size())
              .filter(i -> 1 - plausibility.at(i) <= threshold)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -plausibility.at(i)))
              .map(plausibility.classes()::get)
              .toList();
      return new PredictionSet(classes, threshold >= 1, calibrated);
    }

    @Override
    public double size(double threshold) {
      return IntStream.range(0, plausibility.size()).filter(i -> 1 - plausibility.at(i) <= threshold).count();
    }
  }

  /** |y − ŷ|. */
  record OfNumber(double number) implements Basis {
    @Override
    public OptionalDouble score(String label) {
      OptionalDouble truth = Output.of(label).number();
      return truth.isPresent() && Double.isFinite(truth.getAsDouble())
          ? OptionalDouble.of(Math.min(Math.abs(truth.getAsDouble() - number), Double.MAX_VALUE))
          : OptionalDouble.empty();
    }

    @Override
    public PredictionInterval within(double threshold, boolean calibrated) {
      return new PredictionInterval(number - threshold, number + threshold, calibrated);
    }

    @Override
    public double size(double threshold) {
      return Math.max(0, 2 * threshold);
    }
  }
}
