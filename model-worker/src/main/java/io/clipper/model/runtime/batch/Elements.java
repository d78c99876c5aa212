package io.clipper.model.runtime.batch;

import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import java.nio.ByteBuffer;

/**
 * Puts a tensor's elements behind those already in a buffer, as the datatype the model takes. Equal datatypes are copied as one block.
 * Between numbers, floating point rounds, and a whole number has to hold the value exactly: 2.5 is not a class index.
 */
public final class Elements {
  private Elements() {}

  /** Whether {@link #put} converts from the one to the other. */
  public static boolean convertible(Datatype from, Datatype to) {
    return from == to || (from != Datatype.BYTES && to != Datatype.BYTES);
  }

  /** The buffer is little-endian. Throws {@link IllegalArgumentException} that names the input and the element in the way. */
  public static void put(Tensor tensor, String input, Datatype to, ByteBuffer buffer) {
    if (!convertible(tensor.datatype(), to)) {
      throw new IllegalArgumentException("input '%s' is %s, the model takes %s".formatted(input, tensor.datatype(), to));
    }
    if (tensor.datatype() == to) {
      buffer.put(tensor.bytes());
    } else if (to.isFloatingPoint()) {
      putFloatingPoint(tensor, to, buffer);
    } else {
      putWhole(tensor, input, to, buffer);
    }
  }

  private static void putFloatingPoint(Tensor tensor, Datatype to, ByteBuffer buffer) {
    int elements = (int) tensor.elements();
    for (int i = 0; i < elements; i++) {
      double value = tensor.doubleAt(i);
      switch (to) {
        case FP64 -> buffer.putDouble(value);
        case FP32 -> buffer.putFloat((float) value);
        case FP16 -> buffer.putShort(Float.floatToFloat16((float) value));
        case BF16 -> buffer.putShort(bfloat16((float) value));
        case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES -> throw new AssertionError(to);
      }
    }
  }

  /** The nearest, ties to even. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  private static void putWhole(Tensor tensor, String input, Datatype to, ByteBuffer buffer) {
    int elements = (int) tensor.elements();
    boolean fromFloatingPoint = tensor.datatype().isFloatingPoint();
    boolean fromUnsignedLong = tensor.datatype() == Datatype.UINT64;
    for (int i = 0; i < elements; i++) {
      double rough = tensor.doubleAt(i);
      if (rough < least(to) || rough >= tooLarge(to) || rough != Math.rint(rough)) {
        throw new IllegalArgumentException(
            "input '%s' has %s at element %d, which %s cannot hold".formatted(input, Double.toString(rough), i, to));
      }
      long value = fromFloatingPoint ? whole(rough) : tensor.longAt(i);
      if (fromUnsignedLong && to == Datatype.INT64 && value < 0) {
        throw new IllegalArgumentException(
            "input '%s' has %s at element %d, which %s cannot hold".formatted(input, Long.toUnsignedString(value), i, to));
      }
      switch (to) {
        case BOOL, UINT8, INT8 -> buffer.put((byte) value);
        case UINT16, INT16 -> buffer.putShort((short) value);
        case UINT32, INT32 -> buffer.putInt((int) value);
        case UINT64, INT64 -> buffer.putLong(value);
        case FP16, FP32, FP64, BF16, BYTES -> throw new AssertionError(to);
      }
    }
  }

  private static double least(Datatype to) {
    return switch (to) {
      case INT8 -> Byte.MIN_VALUE;
      case INT16 -> Short.MIN_VALUE;
      case INT32 -> Integer.MIN_VALUE;
      case INT64 -> Long.MIN_VALUE;
      case BOOL, UINT8, UINT16, UINT32, UINT64 -> 0;
      case FP16, FP32, FP64, BF16, BYTES -> throw new AssertionError(to);
    };
  }

  private static double tooLarge(Datatype to) {
    return switch (to) {
      case BOOL -> 2;
      case INT8 -> 0x1p7;
      case UINT8 -> 0x1p8;
      case INT16 -> 0x1p15;
      case UINT16 -> 0x1p16;
      case INT32 -> 0x1p31;
      case UINT32 -> 0x1p32;
      case INT64 -> 0x1p63;
      case UINT64 -> 0x1p64;
      case FP16, FP32, FP64, BF16, BYTES -> throw new AssertionError(to);
    };
  }

  /** From 2^63 on as the bits of an unsigned number. */
  private static long whole(double value) {
    return value < 0x1p63 ? (long) value : (long) (value - 0x1p63) | Long.MIN_VALUE;
  }
}
