package io.clipper.combine;

import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What models had said of an input whose label is now known, as the numbers that combiners compute with.
 *
 * @param classes in the order of the opinions' values; none where answers are numbers
 * @param opinions of the models that had one
 * @param label in its canonical form
 */
public record Labelled(List<String> classes, List<Opinion> opinions, String label) {
  /** @param values the probability of each class, or the one number */
  public record Opinion(ModelId model, List<Double> values) {
    public Opinion {
      values = List.copyOf(values);
    }
  }

  public Labelled {
    classes = List.copyOf(classes);
    opinions = List.copyOf(opinions);
  }

  /** The outputs are in the order in which they are to be kept. What is of the wrong kind is no opinion. */
  public static Labelled of(Map<ModelId, Output> outputs, String label, boolean numbers) {
    List<Opinion> opinions = new ArrayList<>();
    if (numbers) {
      outputs.forEach(
          (model, output) -> {
            OptionalDouble number = output.number();
            if (number.isPresent() && Double.isFinite(number.getAsDouble())) {
              opinions.add(new Opinion(model, List.of(number.getAsDouble())));
            }
          });
      return new Labelled(List.of(), opinions, label);
    }
    Set<String> known = new LinkedHashSet<>();
    outputs.values().forEach(output -> Plausibility.addClasses(output, known));
    known.add(label);
    List<String> classes = List.copyOf(known);
    outputs.forEach(
        (model, output) ->
            Plausibility.of(output, classes)
                .ifPresent(values -> opinions.add(new Opinion(model, classes.stream().map(values::of).toList()))));
    return new Labelled(classes, opinions, label);
  }

  /** The label as a number; empty where it is none. */
  OptionalDouble number() {
    OptionalDouble number = Output.of(label).number();
    return number.isPresent() && Double.isFinite(number.getAsDouble()) ? number : OptionalDouble.empty();
  }
}
