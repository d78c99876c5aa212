package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.Labels;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of a graph that make it a classifier: the label, and the probabilities with their classes.
 *
 * <p>The rule: the first output of one whole number or text a row is the label. Beside it, a sequence of maps is its probabilities; else the
 * first tensor of floating point with a column for each class that {@link ClassLabels} finds; else, where the labels are whole numbers, one
 * whose name contains {@code prob}, with the classes 0, 1, 2, … Columns that are no probabilities (below 0 or above 1) stay a tensor.
 */
record Classification(String label, String probabilities, List<String> classes, boolean countedLabels) {
  /** What rounding in single precision may add. */
  private static final double ROUNDING = 1e-3;

  interface ClassNames {
    /** In the order of the probabilities; empty where they are not to be found. */
    List<String> of(String labelOutput);
  }

  static Optional<Classification> of(List<GraphOutput> outputs, ClassNames names) {
    Optional<GraphOutput.OfTensor> label = tensors(outputs).stream().filter(GraphOutput.OfTensor::couldBeLabel).findFirst();
    if (label.isEmpty()) {
      return Optional.empty();
    }
    String labelName = label.get().name();
    boolean counted = label.get().datatype().isNumeric();
    for (GraphOutput output : outputs) {
      if (output instanceof GraphOutput.OfMaps maps) {
        return Optional.of(new Classification(labelName, maps.name(), List.of(), counted));
      }
    }
    List<GraphOutput.OfTensor> candidates = tensors(outputs).stream().filter(GraphOutput.OfTensor::couldBeProbabilities).toList();
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    List<String> classes = names.of(labelName);
    return candidates.stream()
        .filter(candidate -> suits(candidate, classes))
        .findFirst()
        .or(() -> candidates.stream().filter(candidate -> counted && saysProbability(candidate)).findFirst())
        .map(found -> new Classification(labelName, found.name(), classes, counted && saysProbability(found)));
  }

  /** By the order of the first map's keys, sorted as numbers where they are numbers. */
  List<Optional<ClassProbabilities>> fromMaps(OnnxSequence sequence, int rows) throws OrtException {
    List<Optional<ClassProbabilities>> read = new ArrayList<>();
    List<? extends OnnxValue> maps = sequence.getValue();
    try {
      checkRows(maps.size(), rows);
      List<Object> keys = List.of();
      List<String> names = List.of();
      for (OnnxValue value : maps) {
        Map<?, ?> map = ((OnnxMap) value).getValue();
        if (keys.size() != map.size() || !map.keySet().containsAll(keys)) {
          keys = sorted(map);
          names = keys.stream().map(key -> Labels.canonical(key.toString())).toList();
        }
        read.add(Optional.of(new ClassProbabilities(names, keys.stream().mapToDouble(key -> number(map.get(key))).toArray())));
      }
    } finally {
      maps.forEach(OnnxValue::close);
    }
    return read;
  }

  /** Empty for rows whose columns are no probabilities, or not as many as there are classes. */
  List<Optional<ClassProbabilities>> fromTensor(OnnxTensor value, int rows) {
    long[] shape = value.getInfo().getShape();
    Datatype datatype = ElementTypes.datatype(value.getInfo().onnxType).orElseThrow();
    checkRows(shape[0], rows);
    int columns = (int) shape[1];
    List<String> names = classes(columns);
    Tensor all = Tensor.wrap(datatype, shape, TensorRows.bytes(value));
    List<Optional<ClassProbabilities>> read = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      double[] values = new double[columns];
      boolean probabilities = !names.isEmpty();
      for (int column = 0; column < columns; column++) {
        values[column] = all.doubleAt(row * columns + column);
        probabilities &= !(values[column] < -ROUNDING || values[column] > 1 + ROUNDING);
      }
      read.add(probabilities ? Optional.of(new ClassProbabilities(names, values)) : Optional.empty());
    }
    return read;
  }

  private List<String> classes(int columns) {
    if (classes.size() == columns) {
      return classes;
    }
    return countedLabels ? IntStream.range(0, columns).mapToObj(Integer::toString).toList() : List.of();
  }

  private void checkRows(long found, int rows) {
    if (found != rows) {
      throw new IllegalStateException("output '%s' has %d rows for a batch of %d".formatted(probabilities, found, rows));
    }
  }

  private static boolean suits(GraphOutput.OfTensor candidate, List<String> classes) {
    long columns = candidate.shape().get(1);
    return !classes.isEmpty() && (columns == classes.size() || columns == -1);
  }

  private static boolean saysProbability(GraphOutput.OfTensor candidate) {
    return candidate.name().toLowerCase(Locale.ROOT).contains("prob");
  }

  private static List<GraphOutput.OfTensor> tensors(List<GraphOutput> outputs) {
    return outputs.stream().filter(GraphOutput.OfTensor.class::isInstance).map(GraphOutput.OfTensor.class::cast).toList();
  }

  private static List<Object> sorted(Map<?, ?> map) {
    Comparator<Object> byNumber = Comparator.comparingLong(key -> key instanceof Long number ? number : 0);
    return map.keySet().stream().map(Object.class::cast).sorted(byNumber.thenComparing(Object::toString)).toList();
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
