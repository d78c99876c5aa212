package io.clipper.model;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/** What an application or a model takes: its named tensors, without a batch dimension. */
public record Signature(List<TensorSpec> tensors) {
  public Signature {
    tensors = List.copyOf(tensors);
    if (tensors.isEmpty()) {
      throw new IllegalArgumentException("a signature has at least one tensor");
    }
    Set<String> names = new HashSet<>();
    for (TensorSpec tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("tensor '%s' is named twice".formatted(tensor.name()));
      }
    }
  }

  /** The signature of one of Clipper's short forms; throws {@link IllegalArgumentException} with the names there are. */
  public static Signature named(String inputType) {
    return InputType.named(inputType)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "input type '%s' is not one of bytes, integers, floats, doubles, strings".formatted(inputType)))
        .signature();
  }

  /** The short form, where this is one tensor of one dimension of its datatype, whatever its name and extent. */
  public Optional<InputType> shortForm() {
    TensorSpec first = tensors.getFirst();
    return tensors.size() == 1 && first.shape().size() == 1 && !first.optional() ? InputType.of(first.datatype()) : Optional.empty();
  }

  /** The tensor that a value without a name is: the only one there is, or the only one that every input has. */
  public Optional<TensorSpec> unnamed() {
    if (tensors.size() == 1) {
      return Optional.of(tensors.getFirst());
    }
    List<TensorSpec> required = tensors.stream().filter(tensor -> !tensor.optional()).toList();
    return required.size() == 1 ? Optional.of(required.getFirst()) : Optional.empty();
  }

  /** The short form's name, or every tensor as {@link #spelledOut}. */
  public String describe() {
    return shortForm().map(InputType::canonicalName).orElseGet(this::spelledOut);
  }

  /** Every tensor as {@code name:DATATYPE[shape]}, with a {@code ?} behind those that an input may lack. */
  public String spelledOut() {
    return tensors.stream().map(TensorSpec::describe).collect(Collectors.joining(","));
  }

  /** Whether a model of this signature can be linked to an application of that one. */
  public boolean agreesWith(Signature application) {
    return takes(application, TensorSpec::agreesWith);
  }

  /**
   * Whether a model of this signature takes every tensor that inputs of the other have, and needs none that they may lack. Where both have
   * one tensor, its name does not matter.
   *
   * @param tensor whether the model's own can be the one that is given
   */
  public boolean takes(Signature inputs, BiPredicate<TensorSpec, TensorSpec> tensor) {
    if (tensors.size() == 1 && inputs.tensors.size() == 1) {
      return tensor.test(tensors.getFirst(), inputs.tensors.getFirst());
    }
    return inputs.tensors.stream().allMatch(given -> tensor(given.name()).filter(own -> tensor.test(own, given)).isPresent())
        && tensors.stream().filter(own -> !own.optional()).allMatch(needed -> inputs.always(needed.name()));
  }

  private boolean always(String name) {
    return tensor(name).filter(tensor -> !tensor.optional()).isPresent();
  }

  private Optional<TensorSpec> tensor(String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }

  /** Throws {@link IllegalArgumentException} that names the tensor and what is wrong with it. */
  public void check(Input input) {
    if (tensors.size() == 1 && input.tensors().size() == 1) {
      tensors.getFirst().check(input.first());
      return;
    }
    int known = 0;
    for (TensorSpec spec : tensors) {
      Optional<Tensor> tensor = input.named(spec.name());
      if (tensor.isPresent()) {
        spec.check(tensor.get());
        known++;
      } else if (!spec.optional()) {
        throw new IllegalArgumentException("input '%s' is missing".formatted(spec.name()));
      }
    }
    if (input.tensors().size() > known) {
      throw new IllegalArgumentException("%d tensors given, expected %d".formatted(input.tensors().size(), known));
    }
  }
}
