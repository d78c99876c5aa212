package io.clipper.model;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    return tensors.size() == 1 && tensors.getFirst().shape().size() == 1 ? InputType.of(tensors.getFirst().datatype()) : Optional.empty();
  }

  /** The short form's name, or every tensor as {@link #spelledOut}. */
  public String describe() {
    return shortForm().map(InputType::canonicalName).orElseGet(this::spelledOut);
  }

  /** Every tensor as {@code name:DATATYPE[shape]}. */
  public String spelledOut() {
    return tensors.stream().map(tensor -> "%s:%s%s".formatted(tensor.name(), tensor.datatype(), tensor.shape())).collect(Collectors.joining(","));
  }

  /** Whether a model of that signature can be linked to an application of this one. A signature of one tensor ignores its name. */
  public boolean agreesWith(Signature other) {
    if (tensors.size() != other.tensors.size()) {
      return false;
    }
    if (tensors.size() == 1) {
      return tensors.getFirst().agreesWith(other.tensors.getFirst());
    }
    return tensors.stream()
        .allMatch(tensor -> other.tensors.stream().anyMatch(theirs -> theirs.name().equals(tensor.name()) && theirs.agreesWith(tensor)));
  }

  /** Throws {@link IllegalArgumentException} that names the tensor and what is wrong with it. */
  public void check(Input input) {
    if (tensors.size() == 1 && input.tensors().size() == 1) {
      tensors.getFirst().check(input.first());
      return;
    }
    for (TensorSpec spec : tensors) {
      spec.check(input.named(spec.name()).orElseThrow(() -> new IllegalArgumentException("input '%s' is missing".formatted(spec.name()))));
    }
    if (input.tensors().size() > tensors.size()) {
      throw new IllegalArgumentException("%d tensors given, expected %d".formatted(input.tensors().size(), tensors.size()));
    }
  }
}
