package io.clipper.model.runtime.batch;

import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * One input of a model that takes batches: what a row of it looks like (−1 is any extent), and whether the model takes only one row at a time.
 */
public record BatchedInput(TensorSpec row, boolean oneAtATime) {
  /** Throws {@link IllegalArgumentException}, for whoever deployed the model, if the first dimension is no batch dimension. */
  public static BatchedInput of(String name, Datatype datatype, long[] shape) {
    if (shape.length == 0) {
      throw new IllegalArgumentException("input '%s' has no batch dimension".formatted(name));
    }
    if (shape[0] != -1 && shape[0] != 1) {
      throw new IllegalArgumentException(
          "input '%s' has the fixed shape %s; its first dimension, the batch, has to be dynamic or 1"
              .formatted(name, Arrays.toString(shape)));
    }
    List<Long> rowShape = Arrays.stream(shape).skip(1).boxed().toList();
    return new BatchedInput(new TensorSpec(name, datatype, rowShape), shape[0] == 1);
  }

  /** The same input of a model that does without it where a row lacks it. */
  public BatchedInput asOptional() {
    return new BatchedInput(row.asOptional(), oneAtATime);
  }

  public String name() {
    return row.name();
  }

  public Datatype datatype() {
    return row.datatype();
  }

  /**
   * The shape under which the model takes that tensor: its own where it fits, else this row's if that has as many elements; one dynamic
   * extent is worked out from the rest. Throws {@link IllegalArgumentException} that names the input, its shape and the one found.
   */
  public long[] shapeFor(Tensor tensor) {
    long[] found = tensor.shape();
    return fits(found) ? found : reshaped(found, tensor.elements());
  }

  /** Whether the model can take some tensor of that description: of a datatype that converts to its own, with a shape as {@link #shapeFor} wants it. */
  boolean mayTake(TensorSpec given) {
    return Elements.convertible(given.datatype(), datatype()) && (mayFit(given.shape()) || mayBeReshaped(given.shape()));
  }

  private boolean mayFit(List<Long> given) {
    boolean fits = given.size() == row.shape().size();
    for (int i = 0; fits && i < given.size(); i++) {
      long expected = row.shape().get(i);
      fits = expected == -1 || given.get(i) == -1 || expected == given.get(i);
    }
    return fits;
  }

  /** By their numbers of elements: of a shape with a free extent there are as many as a multiple of the rest. */
  private boolean mayBeReshaped(List<Long> given) {
    long known = elements(row.shape());
    long found = elements(given);
    return switch (Collections.frequency(row.shape(), -1L)) {
      case 0 -> given.contains(-1L) ? found > 0 && known % found == 0 : known == found;
      case 1 -> known > 0 && (given.contains(-1L) || found % known == 0);
      default -> false;
    };
  }

  private static long elements(List<Long> shape) {
    return shape.stream().filter(extent -> extent != -1).reduce(1L, (one, other) -> one * other);
  }

  private boolean fits(long[] found) {
    boolean fits = found.length == row.shape().size();
    for (int i = 0; fits && i < found.length; i++) {
      long expected = row.shape().get(i);
      fits = expected == -1 || expected == found[i];
    }
    return fits;
  }

  private long[] reshaped(long[] found, long elements) {
    long[] shape = row.shape().stream().mapToLong(Long::longValue).toArray();
    long known = 1;
    int dynamic = -1;
    int dynamics = 0;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == -1) {
        dynamic = i;
        dynamics++;
      } else {
        known *= shape[i];
      }
    }
    if (dynamics == 1 && known > 0 && elements % known == 0) {
      shape[dynamic] = elements / known;
    } else if (dynamics > 0 || known != elements) {
      throw new IllegalArgumentException(
          "input '%s' has shape %s, expected %s".formatted(name(), Arrays.toString(found), row.shape()));
    }
    return shape;
  }
}
