package io.clipper.model;

import java.util.List;
import java.util.Optional;

/** What one query asks about: named tensors without a batch dimension, in the order of the {@link Signature} they were read by. */
public record Input(List<NamedTensor> tensors) {
  /** The name of the only tensor where an application's type is one of Clipper's five short forms. */
  public static final String ONLY = "input";

  public Input {
    tensors = List.copyOf(tensors);
    if (tensors.isEmpty()) {
      throw new IllegalArgumentException("an input has at least one tensor");
    }
  }

  /** An input of one tensor, by the name that the short forms give it. */
  public static Input of(Tensor tensor) {
    return new Input(List.of(new NamedTensor(ONLY, tensor)));
  }

  /** An FP64 vector: an input of an application of {@code doubles}. */
  public static Input doubles(double... values) {
    return of(Tensor.ofDoubles(values));
  }

  /** The first tensor: the only one of a short form. */
  public Tensor first() {
    return tensors.getFirst().tensor();
  }

  public Optional<Tensor> named(String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).map(NamedTensor::tensor).findFirst();
  }

  /** At most {@link Integer#MAX_VALUE}, also where its tensors have more together. */
  public int sizeInBytes() {
    long size = 0;
    for (NamedTensor tensor : tensors) {
      size += tensor.tensor().sizeInBytes();
    }
    return (int) Math.min(size, Integer.MAX_VALUE);
  }
}
