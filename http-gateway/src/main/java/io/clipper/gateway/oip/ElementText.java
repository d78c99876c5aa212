package io.clipper.gateway.oip;

import io.clipper.model.Datatype;
import io.clipper.model.Labels;
import java.nio.ByteBuffer;

/** One element of a tensor as a number, and as the text that JSON would have for it. */
final class ElementText {
  private ElementText() {}

  static String of(Datatype datatype, ByteBuffer data, int index) {
    return switch (datatype) {
      case BOOL -> data.get(index) != 0 ? "true" : "false";
      case UINT64 -> Long.toUnsignedString(data.getLong(index * Long.BYTES));
      case INT64 -> Long.toString(data.getLong(index * Long.BYTES));
      case UINT8, UINT16, UINT32, INT8, INT16, INT32 -> Long.toString(whole(datatype, data, index));
      case FP32 -> Float.toString(data.getFloat(index * Float.BYTES));
      case FP16, BF16, FP64 -> Labels.canonical(real(datatype, data, index));
      case BYTES -> throw new IllegalStateException("BYTES are text already");
    };
  }

  /** Of the datatypes of whole numbers and BOOL; UINT64 keeps its bits. */
  static long whole(Datatype datatype, ByteBuffer data, int index) {
    return switch (datatype) {
      case BOOL, UINT8 -> data.get(index) & 0xFF;
      case INT8 -> data.get(index);
      case UINT16 -> data.getShort(index * Short.BYTES) & 0xFFFF;
      case INT16 -> data.getShort(index * Short.BYTES);
      case UINT32 -> data.getInt(index * Integer.BYTES) & 0xFFFF_FFFFL;
      case INT32 -> data.getInt(index * Integer.BYTES);
      case UINT64, INT64 -> data.getLong(index * Long.BYTES);
      case FP16, BF16, FP32, FP64, BYTES -> throw new IllegalStateException(datatype + " has no whole number");
    };
  }

  /** Of every datatype but BYTES. */
  static double real(Datatype datatype, ByteBuffer data, int index) {
    return switch (datatype) {
      case FP64 -> data.getDouble(index * Double.BYTES);
      case FP32 -> data.getFloat(index * Float.BYTES);
      case FP16 -> Float.float16ToFloat(data.getShort(index * Short.BYTES));
      case BF16 -> Float.intBitsToFloat(data.getShort(index * Short.BYTES) << 16);
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> whole(datatype, data, index);
      case BYTES -> throw new IllegalStateException("BYTES have no number");
    };
  }
}
