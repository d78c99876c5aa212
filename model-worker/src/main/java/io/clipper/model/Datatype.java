package io.clipper.model;

import java.util.Arrays;
import java.util.Locale;

/** The element types of the Open Inference Protocol, by the protocol's own names. */
public enum Datatype {
  BOOL(1),
  UINT8(1),
  UINT16(2),
  UINT32(4),
  UINT64(8),
  INT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  FP16(2),
  FP32(4),
  FP64(8),
  BF16(2),
  /** Strings or blobs of any length, each written as four bytes of length and then its bytes. */
  BYTES(0);

  private final int elementBytes;

  Datatype(int elementBytes) {
    this.elementBytes = elementBytes;
  }

  /** Bytes an element takes; 0 for {@link #BYTES}, whose elements differ in length. */
  public int elementBytes() {
    return elementBytes;
  }

  public boolean isFloatingPoint() {
    return this == FP16 || this == FP32 || this == FP64 || this == BF16;
  }

  public boolean isNumeric() {
    return this != BYTES && this != BOOL;
  }

  /** The datatype of that name in any case; throws {@link IllegalArgumentException} with the names there are. */
  public static Datatype named(String name) {
    for (Datatype datatype : values()) {
      if (datatype.name().equals(name.toUpperCase(Locale.ROOT))) {
        return datatype;
      }
    }
    throw new IllegalArgumentException("datatype '%s' is not one of %s".formatted(name, Arrays.toString(values())));
  }
}
