package io.clipper.certainty;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.clipper.certainty.Certainty.PredictionInterval;
import io.clipper.certainty.Certainty.PredictionSet;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Output;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** What the models together say of one input, and how strange that makes a label. The journal writes it under the names given here. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(value = Basis.OfClasses.class, name = "classes"),
  @JsonSubTypes.Type(value = Basis.OfNumber.class, name = "number")
})
public sealed interface Basis {
  /** How strange a label is; empty for one that has no place here. */
  OptionalDouble score(String label);

  /** All that is no stranger than that. */
  Certainty within(double threshold, boolean calibrated);

  /** How much a threshold lets in: classes, or the width of the interval. */
  double size(double threshold);

  /** 1 − p(y), which is at most 1: a class that no model knows is as strange as can be. */
  record OfClasses(List<String> classes, List<Double> plausibilities) implements Basis {
    public OfClasses {
      classes = List.copyOf(classes);
      plausibilities = List.copyOf(plausibilities);
    }

    public static OfClasses of(ClassProbabilities plausibility) {
      return new OfClasses(plausibility.classes(), IntStream.range(0, plausibility.size()).mapToObj(plausibility::at).toList());
    }

    @Override
    public OptionalDouble score(String label) {
      int index = classes.indexOf(label);
      return OptionalDouble.of(index < 0 ? 1 : 1 - plausibilities.get(index));
    }

    @Override
    public PredictionSet within(double threshold, boolean calibrated) {
      List<String> within =
          IntStream.range(0, classes.size())
              .filter(i -> 1 - plausibilities.get(i) <= threshold)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -plausibilities.get(i)))
              .map(classes::get)
              .toList();
      return new PredictionSet(within, threshold >= 1, calibrated);
    }

    @Override
    public double size(double threshold) {
      return plausibilities.stream().filter(plausibility -> 1 - plausibility <= threshold).count();
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
