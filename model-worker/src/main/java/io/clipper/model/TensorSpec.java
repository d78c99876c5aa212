package io.clipper.model;

import java.util.Arrays;
import java.util.List;

/**
 * What a signature says of one tensor: its name, its datatype, and its shape, in which −1 is any extent.
 *
 * @param optional whether an input may lack it
 */
public record TensorSpec(String name, Datatype datatype, List<Long> shape, boolean optional) {
  public TensorSpec {
    shape = List.copyOf(shape);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a tensor has a name");
    }
    for (long extent : shape) {
      if (extent < -1) {
        throw new IllegalArgumentException("shape %s of '%s' has an extent below -1".formatted(shape, name));
      }
    }
  }

  /** One that every input has. */
  public TensorSpec(String name, Datatype datatype, List<Long> shape) {
    this(name, datatype, shape, false);
  }

  /** The same tensor, which an input may lack. */
  public TensorSpec asOptional() {
    return new TensorSpec(name, datatype, shape, true);
  }

  /** As {@code name:DATATYPE[shape]}, with a {@code ?} behind it where an input may lack it. */
  public String describe() {
    return "%s:%s%s%s".formatted(name, datatype, shape, optional ? "?" : "");
  }

  /** Whether some tensor could satisfy both; names are not compared, nor whether it may be missing. */
  public boolean agreesWith(TensorSpec other) {
    if (datatype != other.datatype || shape.size() != other.shape.size()) {
      return false;
    }
    for (int i = 0; i < shape.size(); i++) {
      long extent = shape.get(i);
      long otherExtent = other.shape.get(i);
      if (extent != -1 && otherExtent != -1 && extent != otherExtent) {
        return false;
      }
    }
    return true;
  }

  /** Throws {@link IllegalArgumentException} that names this tensor and what is wrong with that one. */
  public void check(Tensor tensor) {
    if (tensor.datatype() != datatype) {
      throw new IllegalArgumentException("input '%s' is %s, not %s".formatted(name, tensor.datatype(), datatype));
    }
    long[] found = tensor.shape();
    boolean fits = found.length == shape.size();
    for (int i = 0; fits && i < found.length; i++) {
      fits = shape.get(i) == -1 || shape.get(i) == found[i];
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "input '%s' has shape %s, expected %s".formatted(name, Arrays.toString(found), shape));
    }
  }
}
