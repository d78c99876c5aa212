package io.clipper.feedback;

import java.nio.ByteBuffer;

/** An array that is written to its end and grows, big-endian as {@link java.io.DataInput} reads it. It belongs to one thread: no write takes a lock. */
final class GrowingBytes {
  private ByteBuffer bytes;

  GrowingBytes(int capacity) {
    bytes = ByteBuffer.allocate(Math.max(16, capacity));
  }

  void writeBoolean(boolean value) {
    writeByte(value ? 1 : 0);
  }

  void writeByte(int value) {
    room(Byte.BYTES).put((byte) value);
  }

  void writeShort(int value) {
    room(Short.BYTES).putShort((short) value);
  }

  void writeInt(int value) {
    room(Integer.BYTES).putInt(value);
  }

  void writeLong(long value) {
    room(Long.BYTES).putLong(value);
  }

  void writeDouble(double value) {
    room(Double.BYTES).putDouble(value);
  }

  void write(byte[] values) {
    room(values.length).put(values);
  }

  void write(ByteBuffer values) {
    room(values.remaining()).put(values);
  }

  int size() {
    return bytes.position();
  }

  /** What was written so far, without a copy. */
  ByteBuffer written() {
    return bytes.duplicate().flip();
  }

  byte[] toByteArray() {
    byte[] written = new byte[size()];
    bytes.get(0, written);
    return written;
  }

  private ByteBuffer room(int more) {
    if (bytes.remaining() < more) {
      int wanted = Math.addExact(bytes.position(), more);
      bytes = ByteBuffer.allocate(Math.max(wanted, (int) Math.min(Integer.MAX_VALUE - 8L, bytes.capacity() * 2L))).put(bytes.flip());
    }
    return bytes;
  }
}
