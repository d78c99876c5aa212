package io.clipper.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Clipper's five input types: short forms of a signature of one tensor of one dimension. */
public enum InputType {
  BYTES(Datatype.UINT8, -1, "bytes", "byte", "b"),
  INTEGERS(Datatype.INT32, -1, "integers", "ints", "integer", "int", "i"),
  FLOATS(Datatype.FP32, -1, "floats", "float", "f"),
  DOUBLES(Datatype.FP64, -1, "doubles", "double", "d"),
  STRINGS(Datatype.BYTES, 1, "strings", "string", "str", "strs", "s");

  private final Datatype datatype;
  private final long extent;
  /** Made by {@code List.of}: immutable. */
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> names;

  InputType(Datatype datatype, long extent, String... names) {
    this.datatype = datatype;
    this.extent = extent;
    this.names = List.of(names);
  }

  /** The canonical name, as the original prints it. */
  public String canonicalName() {
    return names.getFirst();
  }

  public Datatype datatype() {
    return datatype;
  }

  public Signature signature() {
    return new Signature(List.of(new TensorSpec(Input.ONLY, datatype, List.of(extent))));
  }

  /** By any of the original's names, in any case. */
  public static Optional<InputType> named(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (InputType type : values()) {
      if (type.names.contains(lower)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  static Optional<InputType> of(Datatype datatype) {
    for (InputType type : values()) {
      if (type.datatype == datatype) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
