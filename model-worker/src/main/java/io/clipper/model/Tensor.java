package io.clipper.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable n-dimensional array: a datatype, a shape, and its elements as one block of little-endian, row-major bytes. Elements of
 * {@link Datatype#BYTES} are each written as a four-byte length and then their bytes.
 */
public final class Tensor {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);
  private static final VarHandle FLOAT = view(float[].class);
  private static final VarHandle DOUBLE = view(double[].class);

  private final Datatype datatype;
  private final long[] shape;
  private final byte[] bytes;
  private int hash;

  private Tensor(Datatype datatype, long[] shape, byte[] bytes) {
    this.datatype = datatype;
    this.shape = shape;
    this.bytes = bytes;
  }

  /**
   * A tensor over these very bytes, which the caller no longer changes.
   *
   * @throws IllegalArgumentException if the bytes are not as many as datatype and shape ask for, or a BOOL is neither 0 nor 1
   */
  public static Tensor wrap(Datatype datatype, long[] shape, byte[] bytes) {
    long elements = elements(shape);
    if (datatype == Datatype.BYTES) {
      long found = countElements(bytes);
      if (found != elements) {
        throw new IllegalArgumentException("shape %s asks for %d elements, the data has %d".formatted(Arrays.toString(shape), elements, found));
      }
    } else if (elements != (double) bytes.length / datatype.elementBytes()) {
      throw new IllegalArgumentException(
          "%s of shape %s asks for %d bytes, the data has %d"
              .formatted(datatype, Arrays.toString(shape), elements * datatype.elementBytes(), bytes.length));
    } else if (datatype == Datatype.BOOL) {
      checkBooleans(bytes);
    }
    return new Tensor(datatype, shape.clone(), bytes);
  }

  /** FP64 of one dimension. */
  public static Tensor ofDoubles(double... values) {
    byte[] bytes = new byte[values.length * Double.BYTES];
    for (int i = 0; i < values.length; i++) {
      DOUBLE.set(bytes, i * Double.BYTES, values[i]);
    }
    return new Tensor(Datatype.FP64, new long[] {values.length}, bytes);
  }

  /** FP32 of one dimension. */
  public static Tensor ofFloats(float... values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    for (int i = 0; i < values.length; i++) {
      FLOAT.set(bytes, i * Float.BYTES, values[i]);
    }
    return new Tensor(Datatype.FP32, new long[] {values.length}, bytes);
  }

  /** INT32 of one dimension. */
  public static Tensor ofInts(int... values) {
    byte[] bytes = new byte[values.length * Integer.BYTES];
    for (int i = 0; i < values.length; i++) {
      INT.set(bytes, i * Integer.BYTES, values[i]);
    }
    return new Tensor(Datatype.INT32, new long[] {values.length}, bytes);
  }

  /** INT64 of one dimension. */
  public static Tensor ofLongs(long... values) {
    byte[] bytes = new byte[values.length * Long.BYTES];
    for (int i = 0; i < values.length; i++) {
      LONG.set(bytes, i * Long.BYTES, values[i]);
    }
    return new Tensor(Datatype.INT64, new long[] {values.length}, bytes);
  }

  /** UINT8 of one dimension; the array is not copied, and the caller no longer changes it. */
  public static Tensor ofUnsignedBytes(byte[] values) {
    return new Tensor(Datatype.UINT8, new long[] {values.length}, values);
  }

  /** BYTES of one dimension, each string in UTF-8. */
  public static Tensor ofStrings(String... values) {
    byte[][] encoded = new byte[values.length][];
    int size = 0;
    for (int i = 0; i < values.length; i++) {
      encoded[i] = values[i].getBytes(StandardCharsets.UTF_8);
      size += Integer.BYTES + encoded[i].length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] value : encoded) {
      bytes.putInt(value.length).put(value);
    }
    return new Tensor(Datatype.BYTES, new long[] {values.length}, bytes.array());
  }

  public Datatype datatype() {
    return datatype;
  }

  /** A copy: the extent of each dimension, outermost first; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements. */
  public long elements() {
    return elements(shape);
  }

  public int sizeInBytes() {
    return bytes.length;
  }

  /** A read-only view of the elements, little-endian, at position 0. */
  public ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The elements' own array, for whoever hands them on without a copy: nobody changes it. */
  public byte[] array() {
    return bytes;
  }

  /** The same elements under another shape of as many. */
  public Tensor reshaped(long... newShape) {
    return wrap(datatype, newShape, bytes);
  }

  /** Element {@code index} in row-major order as a double; BOOL is 0 or 1. Throws {@link IllegalStateException} for BYTES. */
  public double doubleAt(int index) {
    return switch (datatype) {
      case FP64 -> (double) DOUBLE.get(bytes, index * Double.BYTES);
      case FP32 -> (float) FLOAT.get(bytes, index * Float.BYTES);
      case FP16 -> Float.float16ToFloat((short) SHORT.get(bytes, index * Short.BYTES));
      case BF16 -> Float.intBitsToFloat((short) SHORT.get(bytes, index * Short.BYTES) << 16);
      case UINT64 -> {
        long value = longAt(index);
        yield value >= 0 ? value : ((value >>> 1) | (value & 1)) * 2.0; // the lowest bit sticks, so that halving does not round
      }
      case BOOL, UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 -> longAt(index);
      case BYTES -> throw new IllegalStateException("BYTES have no number");
    };
  }

  /** Element {@code index} as a long; UINT64 keeps its bits. Throws {@link IllegalStateException} for floating point and BYTES. */
  public long longAt(int index) {
    return switch (datatype) {
      case BOOL, UINT8 -> bytes[index] & 0xFF;
      case INT8 -> bytes[index];
      case UINT16 -> (short) SHORT.get(bytes, index * Short.BYTES) & 0xFFFF;
      case INT16 -> (short) SHORT.get(bytes, index * Short.BYTES);
      case UINT32 -> (int) INT.get(bytes, index * Integer.BYTES) & 0xFFFF_FFFFL;
      case INT32 -> (int) INT.get(bytes, index * Integer.BYTES);
      case UINT64, INT64 -> (long) LONG.get(bytes, index * Long.BYTES);
      case FP16, BF16, FP32, FP64, BYTES -> throw new IllegalStateException(datatype + " has no whole number");
    };
  }

  /** The elements of a BYTES tensor as UTF-8 strings, in order. */
  public List<String> strings() {
    if (datatype != Datatype.BYTES) {
      throw new IllegalStateException(datatype + " has no strings");
    }
    List<String> strings = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int length = (int) INT.get(bytes, at);
      strings.add(new String(bytes, at + Integer.BYTES, length, StandardCharsets.UTF_8));
      at += Integer.BYTES + length;
    }
    return strings;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && datatype == that.datatype
        && hashCode() == that.hashCode()
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(bytes, that.bytes);
  }

  /** Computed on first use and kept: an input is hashed once however often it is looked up. */
  @Override
  public int hashCode() {
    int known = hash;
    if (known == 0) {
      known = (datatype.name().hashCode() * 31 + Arrays.hashCode(shape)) * 31 + spread(bytes);
      hash = known;
    }
    return known;
  }

  /** Of eight bytes at a time. A sum of powers of 31 gives feature vectors that differ in one number the same few hashes. */
  private static int spread(byte[] bytes) {
    long mixed = bytes.length;
    int at = 0;
    for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
      mixed = mix(mixed ^ (long) LONG.get(bytes, at));
    }
    for (; at < bytes.length; at++) {
      mixed = mix(mixed ^ bytes[at]);
    }
    return (int) mixed;
  }

  /** The odd part of the golden ratio carries each bit upwards, the shift brings the upper half down. */
  private static long mix(long bits) {
    long product = bits * 0x9E3779B97F4A7C15L;
    return product ^ (product >>> 32);
  }

  @Override
  public String toString() {
    return "%s%s".formatted(datatype, Arrays.toString(shape));
  }

  private static long elements(long[] shape) {
    long elements = 1;
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException("shape %s has a negative extent".formatted(Arrays.toString(shape)));
      }
      try {
        elements = Math.multiplyExact(elements, extent);
      } catch (ArithmeticException overflow) {
        throw new IllegalArgumentException("shape %s has too many elements".formatted(Arrays.toString(shape)), overflow);
      }
    }
    return elements;
  }

  private static void checkBooleans(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if ((bytes[i] & ~1) != 0) {
        throw new IllegalArgumentException("BOOL element %d is %d, neither 0 nor 1".formatted(i, bytes[i] & 0xFF));
      }
    }
  }

  private static long countElements(byte[] bytes) {
    long count = 0;
    for (int at = 0; at < bytes.length; count++) {
      int length = bytes.length - at < Integer.BYTES ? -1 : (int) INT.get(bytes, at);
      if (length < 0 || length > bytes.length - at - Integer.BYTES) {
        throw new IllegalArgumentException("BYTES element %d runs past the end of the data".formatted(count));
      }
      at += Integer.BYTES + length;
    }
    return count;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }
}
