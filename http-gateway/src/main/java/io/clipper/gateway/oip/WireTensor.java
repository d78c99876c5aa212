package io.clipper.gateway.oip;

import io.clipper.model.Datatype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.util.ByteString;

/**
 * A tensor as it stands in a message, rows of a batch and all: a view of the bytes it came in or goes out in, little-endian, in one piece or,
 * as they came from the network, in several. A piece's position is 0, and nobody moves it: readers use absolute positions.
 */
record WireTensor(String name, Datatype datatype, List<Long> shape, List<ByteBuffer> pieces) {
  WireTensor {
    shape = List.copyOf(shape);
    pieces = pieces.size() == 1 ? List.of(littleEndian(pieces.getFirst())) : pieces.stream().map(WireTensor::littleEndian).toList();
  }

  WireTensor(String name, Datatype datatype, List<Long> shape, ByteBuffer data) {
    this(name, datatype, shape, List.of(data));
  }

  /** Elements of BYTES, whose lengths lie among them, are put together. */
  static WireTensor inPieces(String name, Datatype datatype, List<Long> shape, ByteString bytes) {
    ByteString readable = datatype == Datatype.BYTES || bytes.isEmpty() ? bytes.compact() : bytes;
    List<ByteBuffer> pieces = new ArrayList<>();
    readable.getByteBuffers().forEach(pieces::add);
    return new WireTensor(name, datatype, shape, pieces);
  }

  private static ByteBuffer littleEndian(ByteBuffer piece) {
    return piece.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  int size() {
    int size = 0;
    for (ByteBuffer piece : pieces) {
      size += piece.limit();
    }
    return size;
  }

  /** All of it in one piece, as it is in answers and where it came as JSON or over gRPC. */
  ByteBuffer data() {
    return pieces.size() == 1 ? pieces.getFirst() : littleEndian(ByteBuffer.wrap(bytes(0, size())));
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
    ByteBuffer data = data();
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
    ByteBuffer first = pieces.getFirst();
    if (from == 0 && first.hasArray() && first.arrayOffset() == 0 && first.array().length == length) {
      return first.array();
    }
    byte[] copy = new byte[length];
    int filled = 0;
    int at = from;
    for (int i = 0; filled < length; i++) {
      ByteBuffer piece = pieces.get(i);
      if (at < piece.limit()) {
        int taken = Math.min(length - filled, piece.limit() - at);
        piece.get(at, copy, filled, taken);
        filled += taken;
      }
      at = Math.max(0, at - piece.limit());
    }
    return copy;
  }
}
