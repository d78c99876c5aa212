package io.clipper.gateway;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.model.Datatype;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The elements of one tensor as they are read: JSON values of one datatype, little-endian, in an array that grows. The place that methods
 * take is where the tensor stands in the request, for messages.
 */
public final class Elements {
  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle FLOAT = MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle DOUBLE = MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int FIRST_ELEMENTS = 32;
  private static final BigInteger LARGEST_UINT64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private final Datatype datatype;
  private byte[] bytes;
  private int size;
  private int count;

  /**
   * @param expected how many there will be, or −1
   */
  public Elements(Datatype datatype, long expected) {
    this(datatype, new byte[(expected < 0 || expected > 1 << 16 ? FIRST_ELEMENTS : (int) expected) * Math.max(1, datatype.elementBytes())]);
  }

  private Elements(Datatype datatype, byte[] bytes) {
    this.datatype = datatype;
    this.bytes = bytes;
  }

  /** With room for so many bytes, which the caller has counted. */
  public static Elements withRoom(Datatype datatype, int bytes) {
    return new Elements(datatype, new byte[bytes]);
  }

  public int count() {
    return count;
  }

  public int sizeInBytes() {
    return size;
  }

  /** Lets go of the bytes, and says how many they are; the elements stay counted. */
  public int forgotten() {
    int forgotten = size;
    size = 0;
    return forgotten;
  }

  public byte[] toBytes() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }

  /** Adds the parser's current value; throws {@link JsonFault} where it is not of the datatype. */
  public void add(JsonParser json, Object place) throws IOException {
    switch (datatype) {
      case FP64 -> {
        double value = real(json, place);
        int at = grown(Double.BYTES);
        DOUBLE.set(bytes, at, value);
      }
      case FP32 -> {
        float value = single(json, place);
        int at = grown(Float.BYTES);
        FLOAT.set(bytes, at, value);
      }
      case FP16 -> putShort(half(single(json, place), place));
      case BF16 -> putShort(brain(single(json, place), place));
      case INT64 -> putLong(whole(json, Long.MIN_VALUE, Long.MAX_VALUE, place));
      case UINT64 -> putLong(unsigned(json, place));
      case INT32 -> putInt((int) whole(json, Integer.MIN_VALUE, Integer.MAX_VALUE, place));
      case UINT32 -> putInt((int) whole(json, 0, 0xFFFF_FFFFL, place));
      case INT16 -> putShort((short) whole(json, Short.MIN_VALUE, Short.MAX_VALUE, place));
      case UINT16 -> putShort((short) whole(json, 0, 0xFFFF, place));
      case INT8 -> put((byte) whole(json, Byte.MIN_VALUE, Byte.MAX_VALUE, place));
      case UINT8 -> put((byte) whole(json, 0, 0xFF, place));
      case BOOL -> put((byte) (bool(json, place) ? 1 : 0));
      case BYTES -> putText(json, place);
    }
    count++;
  }

  /** As {@link #add}, but nothing is kept, and the characters of a text are not looked at. */
  public void check(JsonParser json, Object place) throws IOException {
    if (datatype != Datatype.BYTES) {
      add(json, place);
      size = 0;
    } else if (json.currentToken() == JsonToken.VALUE_STRING) {
      count++;
    } else {
      throw wrong(json, place);
    }
  }

  /** Adds an element of BYTES that is no JSON string. */
  public void addBytes(byte[] element) {
    int at = grown(Integer.BYTES + element.length);
    INT.set(bytes, at, element.length);
    System.arraycopy(element, 0, bytes, at + Integer.BYTES, element.length);
    count++;
  }

  private void put(byte value) {
    int at = grown(1);
    bytes[at] = value;
  }

  private void putShort(short value) {
    int at = grown(Short.BYTES);
    SHORT.set(bytes, at, value);
  }

  private void putInt(int value) {
    int at = grown(Integer.BYTES);
    INT.set(bytes, at, value);
  }

  private void putLong(long value) {
    int at = grown(Long.BYTES);
    LONG.set(bytes, at, value);
  }

  /** Without a string in between: there may be millions. */
  private void putText(JsonParser json, Object place) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong(json, place);
    }
    char[] text = json.getTextCharacters();
    int from = json.getTextOffset();
    int to = from + json.getTextLength();
    int length = Utf8.length(text, from, to);
    if (length < 0) {
      throw new JsonFault("element %d of %s has half a surrogate pair".formatted(count, place));
    }
    int at = grown(Integer.BYTES + length);
    INT.set(bytes, at, length);
    Utf8.encode(text, from, to, bytes, at + Integer.BYTES);
  }

  /** Makes room, and gives where: called before {@link #bytes} is read, which it may replace. */
  private int grown(int by) {
    int at = size;
    size = Math.addExact(size, by);
    if (size > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size, Math.multiplyExact(bytes.length, 2)));
    }
    return at;
  }

  private JsonParser number(JsonParser json, Object place) {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(json, place);
    }
    return json;
  }

  /** Infinite where the text says so, which only some parsers let pass; a number in digits that is too large is none of the datatype. */
  private double real(JsonParser json, Object place) throws IOException {
    boolean word = number(json, place).isNaN();
    double value = json.getDoubleValue();
    return word ? value : finite(value, place);
  }

  private float single(JsonParser json, Object place) throws IOException {
    boolean word = number(json, place).isNaN();
    float value = json.getFloatValue();
    return word ? value : (float) finite(value, place);
  }

  private double finite(double value, Object place) {
    if (Double.isInfinite(value)) {
      throw outOfRange(place);
    }
    return value;
  }

  private short half(float value, Object place) {
    short half = Float.floatToFloat16(value);
    if (Float.isFinite(value)) {
      finite(Float.float16ToFloat(half), place);
    }
    return half;
  }

  /** The upper half of a float, to the nearest, ties to even. */
  private short brain(float value, Object place) {
    int bits = Float.floatToIntBits(value);
    short brain = (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
    if (Float.isFinite(value)) {
      finite(Float.intBitsToFloat(brain << 16), place);
    }
    return brain;
  }

  private long whole(JsonParser json, long least, long most, Object place) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(json, place);
    }
    if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw wrong(json, place);
    }
    long value = json.getLongValue();
    if (value < least || value > most) {
      throw wrong(json, place);
    }
    return value;
  }

  private long unsigned(JsonParser json, Object place) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(json, place);
    }
    if (json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return nonNegative(json, place);
    }
    BigInteger value = json.getBigIntegerValue();
    if (value.signum() < 0 || value.compareTo(LARGEST_UINT64) > 0) {
      throw wrong(json, place);
    }
    return value.longValue();
  }

  private long nonNegative(JsonParser json, Object place) throws IOException {
    long value = json.getLongValue();
    if (value < 0) {
      throw wrong(json, place);
    }
    return value;
  }

  private boolean bool(JsonParser json, Object place) {
    JsonToken token = json.currentToken();
    if (!token.isBoolean()) {
      throw wrong(json, place);
    }
    return token == JsonToken.VALUE_TRUE;
  }

  private JsonFault outOfRange(Object place) {
    return new JsonFault("Array input of type Number is out of the range of %s (element %d of %s)".formatted(elementName(), count, place));
  }

  private JsonFault wrong(JsonParser json, Object place) {
    return new JsonFault(
        "Array input of type %s is not of type %s (element %d of %s)"
            .formatted(JsonFault.kind(json.currentToken()), elementName(), count, place));
  }

  /** The original's word for an element where it has one. */
  private String elementName() {
    return switch (datatype) {
      case FP64 -> "double";
      case FP32 -> "float";
      case INT32 -> "int";
      case BYTES -> "string";
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT64, FP16, BF16 -> datatype.name();
    };
  }
}
