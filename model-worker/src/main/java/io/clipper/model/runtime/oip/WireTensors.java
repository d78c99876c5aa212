package io.clipper.model.runtime.oip;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Tensors as the protocol carries them: raw, or as typed contents. Raw contents are a tensor's own bytes. */
public final class WireTensors {
  private WireTensors() {}

  /** A view of the tensor's bytes, not a copy. */
  public static ByteString raw(Tensor tensor) {
    return UnsafeByteOperations.unsafeWrap(tensor.bytes());
  }

  /** Throws {@link IllegalArgumentException} where the bytes are not what datatype and shape ask for. */
  public static Tensor fromRaw(Datatype datatype, long[] shape, ByteString raw) {
    return Tensor.wrap(datatype, shape, raw.toByteArray());
  }

  /** Throws {@link IllegalArgumentException} where the contents are another datatype's, or not as many as the shape asks for. */
  public static Tensor fromContents(Datatype datatype, long[] shape, InferTensorContents contents) {
    checkOnly(datatype, contents);
    return Tensor.wrap(datatype, shape, bytes(datatype, contents));
  }

  @SuppressWarnings("ByteBufferBackingArray") // the buffers are made here, over arrays of their own
  private static byte[] bytes(Datatype datatype, InferTensorContents contents) {
    return switch (datatype) {
      case BOOL -> {
        byte[] bytes = new byte[contents.getBoolContentsCount()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) (contents.getBoolContents(i) ? 1 : 0);
        }
        yield bytes;
      }
      case UINT8, UINT16, UINT32 -> whole(datatype, contents.getUintContentsList());
      case INT8, INT16, INT32 -> whole(datatype, contents.getIntContentsList());
      case UINT64 -> longs(contents.getUint64ContentsList());
      case INT64 -> longs(contents.getInt64ContentsList());
      case FP32 -> {
        ByteBuffer buffer = buffer(contents.getFp32ContentsCount() * Float.BYTES);
        contents.getFp32ContentsList().forEach(buffer::putFloat);
        yield buffer.array();
      }
      case FP64 -> {
        ByteBuffer buffer = buffer(contents.getFp64ContentsCount() * Double.BYTES);
        contents.getFp64ContentsList().forEach(buffer::putDouble);
        yield buffer.array();
      }
      case BYTES -> blobs(contents.getBytesContentsList());
      case FP16, BF16 -> throw new IllegalArgumentException(datatype + " has no typed contents: send it raw");
    };
  }

  @SuppressWarnings("ByteBufferBackingArray")
  private static byte[] whole(Datatype datatype, List<Integer> values) {
    ByteBuffer buffer = buffer(values.size() * datatype.elementBytes());
    for (int i = 0; i < values.size(); i++) {
      int value = values.get(i);
      if (!holds(datatype, value)) {
        throw new IllegalArgumentException("%s element %d is %d".formatted(datatype, i, value));
      }
      switch (datatype.elementBytes()) {
        case Byte.BYTES -> buffer.put((byte) value);
        case Short.BYTES -> buffer.putShort((short) value);
        default -> buffer.putInt(value);
      }
    }
    return buffer.array();
  }

  private static boolean holds(Datatype datatype, int value) {
    return switch (datatype) {
      case UINT8 -> value >= 0 && value <= 0xFF;
      case UINT16 -> value >= 0 && value <= 0xFFFF;
      case INT8 -> value == (byte) value;
      case INT16 -> value == (short) value;
      case BOOL, UINT32, UINT64, INT32, INT64, FP16, FP32, FP64, BF16, BYTES -> true;
    };
  }

  @SuppressWarnings("ByteBufferBackingArray")
  private static byte[] longs(List<Long> values) {
    ByteBuffer buffer = buffer(values.size() * Long.BYTES);
    values.forEach(buffer::putLong);
    return buffer.array();
  }

  @SuppressWarnings("ByteBufferBackingArray")
  private static byte[] blobs(List<ByteString> values) {
    ByteBuffer buffer = buffer(values.stream().mapToInt(value -> Integer.BYTES + value.size()).reduce(0, Math::addExact));
    for (ByteString value : values) {
      buffer.putInt(value.size());
      value.copyTo(buffer);
    }
    return buffer.array();
  }

  private static void checkOnly(Datatype datatype, InferTensorContents contents) {
    boolean others =
        contents.getAllFields().keySet().stream().anyMatch(field -> !field.getName().equals(contentsField(datatype)));
    if (others) {
      throw new IllegalArgumentException("the contents are not those of %s".formatted(datatype));
    }
  }

  private static String contentsField(Datatype datatype) {
    return switch (datatype) {
      case BOOL -> "bool_contents";
      case UINT8, UINT16, UINT32 -> "uint_contents";
      case INT8, INT16, INT32 -> "int_contents";
      case UINT64 -> "uint64_contents";
      case INT64 -> "int64_contents";
      case FP32 -> "fp32_contents";
      case FP64 -> "fp64_contents";
      case BYTES -> "bytes_contents";
      case FP16, BF16 -> "";
    };
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
