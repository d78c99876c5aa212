package io.clipper.model.runtime.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Walks the fields of one protobuf message without knowing its schema; what nobody asks for is skipped. */
final class ProtobufFields {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private final ByteBuffer data;
  private int tag;
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private long number;

  /** Over the bytes between position and limit, which are left where they are. */
  ProtobufFields(ByteBuffer message) {
    data = message.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Goes to the next field; throws {@link java.nio.BufferUnderflowException} or {@link IllegalArgumentException} in a damaged message. */
  boolean next() {
    if (!data.hasRemaining()) {
      return false;
    }
    tag = (int) varint();
    switch (tag & 7) {
      case VARINT -> number = varint();
      case FIXED64 -> number = data.getLong();
      case FIXED32 -> number = data.getInt();
      case LENGTH -> {
        long length = varint();
        if (length < 0 || length > data.remaining()) {
          throw new IllegalArgumentException("a field of %d bytes with %d left".formatted(length, data.remaining()));
        }
        bytes = data.slice(data.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        data.position(data.position() + (int) length);
      }
      default -> throw new IllegalArgumentException("wire type %d is unknown".formatted(tag & 7));
    }
    return true;
  }

  int field() {
    return tag >>> 3;
  }

  /** Whether this field is a message, a text or packed numbers. */
  boolean hasBytes() {
    return (tag & 7) == LENGTH;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  String text() {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  long number() {
    return number;
  }

  private long varint() {
    return varint(data);
  }

  static long varint(ByteBuffer data) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = data.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than ten bytes");
  }
}
