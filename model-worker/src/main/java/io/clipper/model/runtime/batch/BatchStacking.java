package io.clipper.model.runtime.batch;

import io.clipper.model.Input;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides how a batch becomes runs of a model: inputs that have the same tensors, of equal shapes, go together, in order of first arrival;
 * each goes alone where the model takes one row at a time.
 */
public record BatchStacking(List<BatchedInput> inputs) {
  /**
   * One run: which inputs of the batch are its rows, the model inputs that these rows have, the shape of each with the rows as first
   * dimension, and the tensors of each, one for each row.
   */
  public record Run(List<Integer> rows, List<BatchedInput> inputs, List<long[]> shapes, List<List<Tensor>> tensors) {}

  /** In the place of the shape of a tensor that a row lacks; no tensor's extent is negative. */
  private static final long[] MISSING = {-1};

  public BatchStacking {
    inputs = List.copyOf(inputs);
  }

  /** Whether a model of the one signature can take some input of the other: as {@link #runs} names, reshapes and converts it. */
  public static boolean mayTake(Signature model, Signature given) {
    return model.takes(given, (own, theirs) -> new BatchedInput(own, false).mayTake(theirs));
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
    List<Tensor> given = new ArrayList<>(inputs.size());
    long[][] shapes = new long[inputs.size()][];
    for (int i = 0; i < shapes.length; i++) {
      BatchedInput modelInput = inputs.get(i);
      Optional<Tensor> tensor = tensor(modelInput, input);
      if (tensor.isEmpty() && !modelInput.row().optional()) {
        throw new IllegalArgumentException("input '%s' is missing".formatted(modelInput.name()));
      }
      shapes[i] = tensor.map(modelInput::shapeFor).orElse(MISSING);
      tensor.ifPresent(given::add);
    }
    if (input.tensors().size() > given.size()) {
      throw new IllegalArgumentException("%d tensors given, expected %d".formatted(input.tensors().size(), given.size()));
    }
    return new Row(index, given, new Shapes(shapes));
  }

  /** A model of one input takes the only tensor there is, whatever its name. */
  private Optional<Tensor> tensor(BatchedInput modelInput, Input input) {
    return inputs.size() == 1 && input.tensors().size() == 1 ? Optional.of(input.first()) : input.named(modelInput.name());
  }

  private Run run(List<Row> rows) {
    long[][] rowShapes = rows.getFirst().shapes.values;
    List<BatchedInput> given = new ArrayList<>();
    List<long[]> shapes = new ArrayList<>();
    List<List<Tensor>> tensors = new ArrayList<>();
    for (int i = 0; i < rowShapes.length; i++) {
      if (Arrays.equals(rowShapes[i], MISSING)) {
        continue;
      }
      int place = given.size();
      long[] shape = new long[rowShapes[i].length + 1];
      shape[0] = rows.size();
      System.arraycopy(rowShapes[i], 0, shape, 1, rowShapes[i].length);
      given.add(inputs.get(i));
      shapes.add(shape);
      tensors.add(rows.stream().map(row -> row.given.get(place)).toList());
    }
    return new Run(rows.stream().map(row -> row.index).toList(), given, shapes, tensors);
  }

  /** One input of the batch: the tensors it has, in the model's order, and the shape of each of the model's inputs in it. */
  private static final class Row {
    final int index;
    final List<Tensor> given;
    final Shapes shapes;

    Row(int index, List<Tensor> given, Shapes shapes) {
      this.index = index;
      this.given = given;
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
