package io.clipper.gateway.oip;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The classification extension: of each row the highest values as {@code value:index}, and {@code value:index:label} where the label is
 * known. Of a label alone the probabilities behind it are taken, where the model gives them.
 */
final class Classes {
  private Classes() {}

  static WireTensor highest(String name, List<Tensor> values, List<AnsweredRow> rows, int count, boolean batched) {
    List<Tensor> highest = new ArrayList<>(rows.size());
    for (int row = 0; row < rows.size(); row++) {
      highest.add(highest(name, values.get(row), rows.get(row).output().probabilities(), count));
    }
    return Stacking.stack(name, highest, batched);
  }

  private static Tensor highest(String name, Tensor tensor, Optional<ClassProbabilities> probabilities, int count) {
    boolean labelled = probabilities.isPresent() && (tensor.elements() == 1 || tensor.elements() == probabilities.get().size());
    double[] values = tensor.elements() == 1 && labelled ? values(probabilities.orElseThrow()) : values(name, tensor);
    List<String> highest =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(index -> -values[index]))
            .limit(count)
            .map(index -> "%s:%d%s".formatted(number(values[index]), index, labelled ? ":" + probabilities.orElseThrow().classes().get(index) : ""))
            .toList();
    return Tensor.ofStrings(highest.toArray(String[]::new));
  }

  private static double[] values(ClassProbabilities probabilities) {
    return IntStream.range(0, probabilities.size()).mapToDouble(probabilities::at).toArray();
  }

  private static double[] values(String name, Tensor tensor) {
    if (tensor.datatype() == Datatype.BYTES) {
      throw Fault.invalid("output '%s' is text without probabilities: there are no classes to order", name);
    }
    return IntStream.range(0, Math.toIntExact(tensor.elements())).mapToDouble(tensor::doubleAt).toArray();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%f", value);
  }
}
