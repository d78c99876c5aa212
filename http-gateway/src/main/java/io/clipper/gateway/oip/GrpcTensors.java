package io.clipper.gateway.oip;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.clipper.model.Datatype;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import java.nio.ByteBuffer;

/** Tensors of answers over gRPC: raw bytes, which are only pointed at, or typed contents. */
final class GrpcTensors {
  private GrpcTensors() {}

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
}
