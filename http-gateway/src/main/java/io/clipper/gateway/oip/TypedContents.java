package io.clipper.gateway.oip;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.clipper.model.Datatype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A tensor in an {@code InferTensorContents}, as it stands on the wire. Its elements are counted and checked before there is room for them;
 * floating-point numbers in one piece are the tensor's bytes already.
 */
final class TypedContents {
  private static final int BYTES_FIELD = 8;

  private final String name;
  private final Datatype datatype;
  private final byte[] message;
  private long elements;
  private long size;
  private int pieces;
  private int pieceAt;

  private TypedContents(String name, Datatype datatype, byte[] message) {
    this.name = name;
    this.datatype = datatype;
    this.message = message;
  }

  /**
   * The contents, looked through to their end. Throws {@link Fault} where they are not in the field that the datatype has, not as many as the
   * shape says, or out of the datatype's range.
   *
   * @param limit the most bytes there may be
   */
  static TypedContents checked(String name, Datatype datatype, List<Long> shape, byte[] message, long limit) throws IOException {
    TypedContents contents = new TypedContents(name, datatype, message);
    contents.count();
    if (WireTensor.elements(name, shape) != contents.elements) {
      throw Fault.invalid("input '%s' has %d elements, shape %s asks for others", name, contents.elements, shape);
    }
    if (contents.size > limit) {
      throw new Fault(Fault.Kind.TOO_LARGE, "input '%s' takes %d bytes, more than the limit leaves".formatted(name, contents.size));
    }
    if (datatype != Datatype.BYTES && !contents.isTensor()) {
      contents.check();
    }
    return contents;
  }

  int size() {
    return Math.toIntExact(size);
  }

  /** The tensor's bytes, little-endian. */
  ByteBuffer bytes() throws IOException {
    return isTensor() ? ByteBuffer.wrap(message, pieceAt, (int) size) : read();
  }

  private boolean isTensor() {
    return pieces == 1 && (datatype == Datatype.FP32 || datatype == Datatype.FP64);
  }

  private void count() throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      if (field <= BYTES_FIELD && field != field(datatype)) {
        throw Fault.invalid("unexpected explicit tensor data for input '%s' of type %s: it is not in the field of that type", name, datatype);
      }
      if (isPiece(tag)) {
        int length = in.readRawVarint32();
        int at = in.getTotalBytesRead();
        in.skipRawBytes(length);
        count(at, length);
      } else {
        in.skipField(tag);
        elements += isElement(tag) ? 1 : 0;
        // More than one piece: its bytes do not lie side by side.
        pieces += isElement(tag) ? 2 : 0;
      }
    }
    size = datatype == Datatype.BYTES ? size : elements * datatype.elementBytes();
  }

  /** An element of BYTES, or packed numbers. */
  private boolean isPiece(int tag) {
    return tag == (field(datatype) << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
  }

  /** One number by itself, of a client that does not pack them. */
  private boolean isElement(int tag) {
    return datatype != Datatype.BYTES && tag == (field(datatype) << 3 | wireType(datatype));
  }

  private static int wireType(Datatype datatype) {
    return switch (datatype) {
      case FP32 -> WireFormat.WIRETYPE_FIXED32;
      case FP64 -> WireFormat.WIRETYPE_FIXED64;
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, BYTES -> WireFormat.WIRETYPE_VARINT;
    };
  }

  private void count(int at, int length) {
    pieces++;
    pieceAt = at;
    switch (datatype) {
      case BYTES -> {
        elements++;
        size += Integer.BYTES + (long) length;
      }
      case FP32, FP64 -> {
        if (length % datatype.elementBytes() != 0) {
          throw Fault.invalid("input '%s' has %d bytes of %s", name, length, datatype);
        }
        elements += length / datatype.elementBytes();
      }
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> {
        for (int i = at; i < at + length; i++) {
          // The last byte of each number has its high bit clear.
          elements += message[i] >= 0 ? 1 : 0;
        }
      }
      case FP16, BF16 -> throw new IllegalStateException(datatype + " has no field");
    }
  }

  private ByteBuffer read() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(size()).order(ByteOrder.LITTLE_ENDIAN);
    read(bytes, false);
    return bytes.flip();
  }

  private void check() throws IOException {
    read(ByteBuffer.allocate(Long.BYTES), true);
  }

  /** @param over whether each element is written over the one before, so that nothing is kept */
  private void read(ByteBuffer bytes, boolean over) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    int index = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!isPiece(tag) && !isElement(tag)) {
        in.skipField(tag);
      } else if (datatype == Datatype.BYTES) {
        int length = in.readRawVarint32();
        bytes.putInt(length).put(message, in.getTotalBytesRead(), length);
        in.skipRawBytes(length);
      } else if (isPiece(tag)) {
        int before = in.pushLimit(in.readRawVarint32());
        while (in.getBytesUntilLimit() > 0) {
          put(in, over ? bytes.clear() : bytes, index++);
        }
        in.popLimit(before);
      } else {
        put(in, over ? bytes.clear() : bytes, index++);
      }
    }
  }

  private void put(CodedInputStream in, ByteBuffer bytes, int index) throws IOException {
    switch (datatype) {
      case BOOL -> bytes.put((byte) (in.readBool() ? 1 : 0));
      case UINT8 -> bytes.put((byte) within(in.readUInt32(), 0, 0xFF, index));
      case UINT16 -> bytes.putShort((short) within(in.readUInt32(), 0, 0xFFFF, index));
      case UINT32 -> bytes.putInt(in.readUInt32());
      case UINT64 -> bytes.putLong(in.readUInt64());
      case INT8 -> bytes.put((byte) within(in.readInt32(), Byte.MIN_VALUE, Byte.MAX_VALUE, index));
      case INT16 -> bytes.putShort((short) within(in.readInt32(), Short.MIN_VALUE, Short.MAX_VALUE, index));
      case INT32 -> bytes.putInt(in.readInt32());
      case INT64 -> bytes.putLong(in.readInt64());
      case FP32 -> bytes.putFloat(in.readFloat());
      case FP64 -> bytes.putDouble(in.readDouble());
      case FP16, BF16, BYTES -> throw new IllegalStateException(datatype + " has no contents of numbers");
    }
  }

  private int within(int value, int least, int most, int index) {
    if (value < least || value > most) {
      throw Fault.invalid("element %d of input '%s' is %d, which is outside %d..%d", index, name, value, least, most);
    }
    return value;
  }

  /** FP16 and BF16 have none: they are raw only. */
  private static int field(Datatype datatype) {
    return switch (datatype) {
      case BOOL -> 1;
      case INT8, INT16, INT32 -> 2;
      case INT64 -> 3;
      case UINT8, UINT16, UINT32 -> 4;
      case UINT64 -> 5;
      case FP32 -> 6;
      case FP64 -> 7;
      case BYTES -> BYTES_FIELD;
      case FP16, BF16 -> 0;
    };
  }
}
