package io.clipper.model.runtime.batch;

import io.clipper.model.Input;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides how a batch becomes runs of a model: inputs of equal shapes go together, in order of first arrival; each goes alone where the
 * model takes one row at a time.
 */
public record BatchStacking(List<BatchedInput> inputs) {
  /**
   * One run: which inputs of the batch are its rows, each model input's shape with the rows as first dimension, and the tensors of each
   * model input, one for each row.
   */
  public record Run(List<Integer> rows, List<long[]> shapes, List<List<Tensor>> tensors) {}

  public BatchStacking {
    inputs = List.copyOf(inputs);
  }

  /** Whether a model of the one signature can take some input of the other: as {@link #runs} names, reshapes and converts it. */
  public static boolean mayTake(Signature model, Signature given) {
    if (model.tensors().size() != given.tensors().size()) {
      return false;
    }
    if (model.tensors().size() == 1) {
      return new BatchedInput(model.tensors().getFirst(), false).mayTake(given.tensors().getFirst());
    }
    return model.tensors().stream()
        .allMatch(
            tensor -> given.tensors().stream().anyMatch(theirs -> theirs.name().equals(tensor.name()) && new BatchedInput(tensor, false).mayTake(theirs)));
  }

  public Signature signature() {
    return new Signature(inputs.stream().map(BatchedInput::row).toList());
  }

  /** Throws {@link IllegalArgumentException} that names the input which is missing or does not fit. */
  public List<Run> runs(List<Input> batch) {
    boolean oneAtATime = inputs.stream().anyMatch(BatchedInput::oneAtATime);
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

  /** A model of one input takes the only tensor there is, whatever its name. */
  private Tensor tensor(BatchedInput modelInput, Input input) {
    if (inputs.size() == 1 && input.tensors().size() == 1) {
      return input.first();
    }
    return input
        .named(modelInput.name())
        .orElseThrow(() -> new IllegalArgumentException("input '%s' is missing".formatted(modelInput.name())));
  }

  private Run run(List<Row> rows) {
    long[][] rowShapes = rows.getFirst().shapes.values;
    List<long[]> shapes = new ArrayList<>();
    List<List<Tensor>> tensors = new ArrayList<>();
    for (int i = 0; i < rowShapes.length; i++) {
      int modelInput = i;
      long[] shape = new long[rowShapes[i].length + 1];
      shape[0] = rows.size();
      System.arraycopy(rowShapes[i], 0, shape, 1, rowShapes[i].length);
      shapes.add(shape);
      tensors.add(rows.stream().map(row -> row.tensors[modelInput]).toList());
    }
    return new Run(rows.stream().map(row -> row.index).toList(), shapes, tensors);
  }

  /** One input of the batch: its tensors in the model's order, and their shapes. */
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
