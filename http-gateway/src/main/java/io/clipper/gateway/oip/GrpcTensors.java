package io.clipper.gateway.oip;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.clipper.model.Datatype;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest.InferInputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.IntToLongFunction;

/** Tensors of gRPC messages: raw bytes, which are only looked at, or typed contents, which are written down as bytes once. */
final class GrpcTensors {
  private GrpcTensors() {}

  static WireTensor raw(InferInputTensor tensor, ByteString data) {
    return new WireTensor(tensor.getName(), WireTensor.datatype(tensor.getName(), tensor.getDatatype()), tensor.getShapeList(), data.asReadOnlyByteBuffer());
  }

  /** Throws {@link Fault} where the contents are not in the field that the datatype has. */
  static WireTensor typed(InferInputTensor tensor) {
    String name = tensor.getName();
    Datatype datatype = WireTensor.datatype(name, tensor.getDatatype());
    InferTensorContents contents = tensor.getContents();
    int count = count(datatype, contents);
    if (count != all(contents)) {
      throw Fault.invalid("unexpected explicit tensor data for input '%s' of type %s: it is not in the field of that type", name, datatype);
    }
    if (WireTensor.elements(name, tensor.getShapeList()) != count) {
      throw Fault.invalid("input '%s' has %d elements, shape %s asks for others", name, count, tensor.getShapeList());
    }
    return new WireTensor(name, datatype, tensor.getShapeList(), bytes(name, datatype, contents, count));
  }

  static ByteString raw(WireTensor tensor) {
    return UnsafeByteOperations.unsafeWrap(tensor.data());
  }

  /** FP16 and BF16 have no field: they are raw only. */
  static boolean hasContents(Datatype datatype) {
    return datatype != Datatype.FP16 && datatype != Datatype.BF16;
  }

  static InferTensorContents typed(WireTensor tensor) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    ByteBuffer data = tensor.data();
    if (tensor.datatype() == Datatype.BYTES) {
      for (int at = 0; at < data.limit(); ) {
        int length = data.getInt(at);
        contents.addBytesContents(UnsafeByteOperations.unsafeWrap(data.slice(at + Integer.BYTES, length)));
        at += Integer.BYTES + length;
      }
      return contents.build();
    }
    int count = data.limit() / tensor.datatype().elementBytes();
    for (int i = 0; i < count; i++) {
      switch (tensor.datatype()) {
        case BOOL -> contents.addBoolContents(data.get(i) != 0);
        case UINT8, UINT16, UINT32 -> contents.addUintContents((int) ElementText.whole(tensor.datatype(), data, i));
        case INT8, INT16, INT32 -> contents.addIntContents((int) ElementText.whole(tensor.datatype(), data, i));
        case UINT64 -> contents.addUint64Contents(data.getLong(i * Long.BYTES));
        case INT64 -> contents.addInt64Contents(data.getLong(i * Long.BYTES));
        case FP32 -> contents.addFp32Contents(data.getFloat(i * Float.BYTES));
        case FP64 -> contents.addFp64Contents(data.getDouble(i * Double.BYTES));
        case FP16, BF16, BYTES -> throw new IllegalStateException(tensor.datatype() + " has no contents of numbers");
      }
    }
    return contents.build();
  }

  private static int count(Datatype datatype, InferTensorContents contents) {
    return switch (datatype) {
      case BOOL -> contents.getBoolContentsCount();
      case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
      case UINT64 -> contents.getUint64ContentsCount();
      case INT8, INT16, INT32 -> contents.getIntContentsCount();
      case INT64 -> contents.getInt64ContentsCount();
      case FP32 -> contents.getFp32ContentsCount();
      case FP64 -> contents.getFp64ContentsCount();
      case BYTES -> contents.getBytesContentsCount();
      case FP16, BF16 -> 0;
    };
  }

  private static int all(InferTensorContents contents) {
    return contents.getBoolContentsCount()
        + contents.getIntContentsCount()
        + contents.getInt64ContentsCount()
        + contents.getUintContentsCount()
        + contents.getUint64ContentsCount()
        + contents.getFp32ContentsCount()
        + contents.getFp64ContentsCount()
        + contents.getBytesContentsCount();
  }

  private static ByteBuffer bytes(String name, Datatype datatype, InferTensorContents contents, int count) {
    if (datatype == Datatype.BYTES) {
      return bytes(contents.getBytesContentsList());
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(count, datatype.elementBytes())).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (datatype) {
        case BOOL -> bytes.put((byte) (contents.getBoolContents(i) ? 1 : 0));
        case UINT8 -> bytes.put((byte) within(name, i, contents::getUintContents, 0, 0xFF));
        case UINT16 -> bytes.putShort((short) within(name, i, contents::getUintContents, 0, 0xFFFF));
        case UINT32 -> bytes.putInt(contents.getUintContents(i));
        case UINT64 -> bytes.putLong(contents.getUint64Contents(i));
        case INT8 -> bytes.put((byte) within(name, i, contents::getIntContents, Byte.MIN_VALUE, Byte.MAX_VALUE));
        case INT16 -> bytes.putShort((short) within(name, i, contents::getIntContents, Short.MIN_VALUE, Short.MAX_VALUE));
        case INT32 -> bytes.putInt(contents.getIntContents(i));
        case INT64 -> bytes.putLong(contents.getInt64Contents(i));
        case FP32 -> bytes.putFloat(contents.getFp32Contents(i));
        case FP64 -> bytes.putDouble(contents.getFp64Contents(i));
        case FP16, BF16, BYTES -> throw new IllegalStateException(datatype + " has no contents of numbers");
      }
    }
    return bytes.flip();
  }

  private static ByteBuffer bytes(List<ByteString> elements) {
    int size = 0;
    for (ByteString element : elements) {
      size = Math.addExact(size, Integer.BYTES + element.size());
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (ByteString element : elements) {
      bytes.putInt(element.size());
      element.copyTo(bytes);
    }
    return bytes.flip();
  }

  private static long within(String name, int index, IntToLongFunction element, long least, long most) {
    long value = element.applyAsLong(index);
    if (value < least || value > most) {
      throw Fault.invalid("element %d of input '%s' is %d, which is outside %d..%d", index, name, value, least, most);
    }
    return value;
  }
}
