package io.clipper.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a model answers for one input: named tensors without a batch dimension, of which the first is the answer. A classifier adds the
 * probability of each class.
 */
public record Output(List<NamedTensor> tensors, Optional<ClassProbabilities> probabilities) {
  /** The name of the only tensor of an output that was not named by its model. */
  public static final String ONLY = "output";

  public Output {
    tensors = List.copyOf(tensors);
    if (tensors.isEmpty()) {
      throw new IllegalArgumentException("an output has at least one tensor");
    }
  }

  public static Output of(Tensor tensor) {
    return new Output(List.of(new NamedTensor(ONLY, tensor)), Optional.empty());
  }

  /** A number. */
  public static Output of(double value) {
    return of(Tensor.ofDoubles(value).reshaped());
  }

  /** A whole number. */
  public static Output of(long value) {
    return of(Tensor.ofLongs(value).reshaped());
  }

  /** A label or any other text. */
  public static Output of(String text) {
    return of(Tensor.ofStrings(text).reshaped());
  }

  /** The answer itself. */
  public Tensor first() {
    return tensors.getFirst().tensor();
  }

  /** The answer as a class label in canonical form; empty where it is not a single element. */
  public Optional<String> label() {
    Tensor answer = first();
    if (answer.elements() != 1) {
      return Optional.empty();
    }
    return Optional.of(
        switch (answer.datatype()) {
          case BYTES -> Labels.canonical(answer.strings().getFirst());
          case BOOL -> answer.longAt(0) != 0 ? "true" : "false";
          case FP16, BF16, FP32, FP64 -> Labels.canonical(answer.doubleAt(0));
          case UINT64 -> Long.toUnsignedString(answer.longAt(0));
          case UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 -> Long.toString(answer.longAt(0));
        });
  }

  /** The answer as a number; empty where it is not a single number. */
  public OptionalDouble number() {
    Tensor answer = first();
    if (answer.elements() != 1) {
      return OptionalDouble.empty();
    }
    if (answer.datatype().isNumeric()) {
      return OptionalDouble.of(answer.doubleAt(0));
    }
    return answer.datatype() == Datatype.BYTES ? Labels.number(answer.strings().getFirst()) : OptionalDouble.empty();
  }

  /** Whether some floating-point element is NaN: such an output is no answer. */
  public boolean hasNaN() {
    for (NamedTensor named : tensors) {
      Tensor tensor = named.tensor();
      if (tensor.datatype().isFloatingPoint()) {
        for (int i = 0; i < tensor.elements(); i++) {
          if (Double.isNaN(tensor.doubleAt(i))) {
            return true;
          }
        }
      }
    }
    return probabilities.isPresent() && hasNaN(probabilities.get());
  }

  public int sizeInBytes() {
    int size = probabilities.map(ClassProbabilities::size).orElse(0) * Double.BYTES;
    for (NamedTensor tensor : tensors) {
      size += tensor.tensor().sizeInBytes();
    }
    return size;
  }

  private static boolean hasNaN(ClassProbabilities probabilities) {
    for (int i = 0; i < probabilities.size(); i++) {
      if (Double.isNaN(probabilities.at(i))) {
        return true;
      }
    }
    return false;
  }
}
