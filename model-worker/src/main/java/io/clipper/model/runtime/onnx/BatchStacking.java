package io.clipper.model.runtime.onnx;

import io.clipper.model.Input;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides how a batch becomes runs of a graph: inputs of equal shapes go together, in order of first arrival; each goes alone where the
 * graph takes one row at a time.
 */
record BatchStacking(List<GraphInput> inputs) {
  /**
   * One run: which inputs of the batch are its rows, each graph input's shape with the rows as first dimension, and the tensors of each
   * graph input, one for each row.
   */
  record Run(List<Integer> rows, List<long[]> shapes, List<List<Tensor>> tensors) {}

  BatchStacking {
    inputs = List.copyOf(inputs);
  }

  Signature signature() {
    return new Signature(inputs.stream().map(GraphInput::row).toList());
  }

  /** Throws {@link IllegalArgumentException} that names the input which is missing or does not fit. */
  List<Run> runs(List<Input> batch) {
    boolean oneAtATime = inputs.stream().anyMatch(GraphInput::oneAtATime);
    Map<Shapes, List<Row>> groups = new LinkedHashMap<>();
    List<List<Row>> rowsOfRuns = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Row row = row(i, batch.get(i));
      if (oneAtATime) {
        rowsOfRuns.add(List.of(row));
      } else {
        groups.computeIfAbsent(row.shapes, shapes -> new ArrayList<>()).add(row);
      }
    }
    rowsOfRuns.addAll(groups.values());
    return rowsOfRuns.stream().map(this::run).toList();
  }

  private Row row(int index, Input input) {
    Tensor[] tensors = new Tensor[inputs.size()];
    long[][] shapes = new long[tensors.length][];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = tensor(inputs.get(i), input);
      shapes[i] = inputs.get(i).shapeFor(tensors[i]);
    }
    if (input.tensors().size() > tensors.length) {
      throw new IllegalArgumentException("%d tensors given, expected %d".formatted(input.tensors().size(), tensors.length));
    }
    return new Row(index, tensors, new Shapes(shapes));
  }

  /** A graph of one input takes the only tensor there is, whatever its name. */
  private Tensor tensor(GraphInput graphInput, Input input) {
    if (inputs.size() == 1 && input.tensors().size() == 1) {
      return input.first();
    }
    return input
        .named(graphInput.name())
        .orElseThrow(() -> new IllegalArgumentException("input '%s' is missing".formatted(graphInput.name())));
  }

  private Run run(List<Row> rows) {
    long[][] rowShapes = rows.getFirst().shapes.values;
    List<long[]> shapes = new ArrayList<>();
    List<List<Tensor>> tensors = new ArrayList<>();
    for (int i = 0; i < rowShapes.length; i++) {
      int graphInput = i;
      long[] shape = new long[rowShapes[i].length + 1];
      shape[0] = rows.size();
      System.arraycopy(rowShapes[i], 0, shape, 1, rowShapes[i].length);
      shapes.add(shape);
      tensors.add(rows.stream().map(row -> row.tensors[graphInput]).toList());
    }
    return new Run(rows.stream().map(row -> row.index).toList(), shapes, tensors);
  }

  /** One input of the batch: its tensors in the graph's order, and their shapes. */
  private static final class Row {
    final int index;
    final Tensor[] tensors;
    final Shapes shapes;

    Row(int index, Tensor[] tensors, Shapes shapes) {
      this.index = index;
      this.tensors = tensors;
      this.shapes = shapes;
    }
  }

  /** Shapes as a key. */
  private static final class Shapes {
    final long[][] values;

    Shapes(long[][] values) {
      this.values = values;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Shapes that && Arrays.deepEquals(values, that.values);
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(values);
    }
  }
}
