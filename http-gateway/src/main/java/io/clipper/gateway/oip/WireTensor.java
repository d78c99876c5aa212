package io.clipper.gateway.oip;

import io.clipper.model.Datatype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor as it stands in a message, rows of a batch and all: a view of the bytes it came in or goes out in, little-endian. The view's
 * position is 0, and nobody moves it: readers use absolute positions.
 */
record WireTensor(String name, Datatype datatype, List<Long> shape, ByteBuffer data) {
  WireTensor {
    shape = List.copyOf(shape);
    data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of elements that the shape says; throws {@link Fault} for a negative extent or a product beyond a long. */
  static long elements(String name, List<Long> shape) {
    long elements = 1;
    boolean empty = false;
    for (long extent : shape) {
      if (extent < 0) {
        throw Fault.invalid("shape %s of '%s' has a negative extent", shape, name);
      }
      empty |= extent == 0;
    }
    for (long extent : shape) {
      if (!empty && elements > Long.MAX_VALUE / extent) {
        throw Fault.invalid("shape %s of '%s' has more elements than can be counted", shape, name);
      }
      elements *= extent;
    }
    return elements;
  }

  static Datatype datatype(String name, String datatype) {
    for (Datatype known : Datatype.values()) {
      if (known.name().equals(datatype)) {
        return known;
      }
    }
    throw Fault.invalid("datatype '%s' of '%s' is not one of %s", datatype, name, List.of(Datatype.values()));
  }

  /** The number of bytes from that position on that so many elements of BYTES take; throws {@link Fault} where they run past the end. */
  int bytesOf(long count, int from) {
    int at = from;
    for (long i = 0; i < count; i++) {
      int left = data.limit() - at;
      int length = left < Integer.BYTES ? -1 : data.getInt(at);
      if (length < 0 || length > left - Integer.BYTES) {
        throw Fault.invalid("element %d of '%s' runs past the end of its data at byte %d", i, name, at);
      }
      at += Integer.BYTES + length;
    }
    return at - from;
  }

  /** Those bytes: the array itself where it is exactly these, else a copy. */
  byte[] bytes(int from, int length) {
    if (from == 0 && data.hasArray() && data.arrayOffset() == 0 && data.array().length == length) {
      return data.array();
    }
    byte[] copy = new byte[length];
    data.get(from, copy);
    return copy;
  }
}
