package io.clipper.model.runtime.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A constant of a graph: its name, and its elements as text where they are INT32, INT64 or strings and could name classes. */
record GraphConstant(String name, List<String> values) {
  /** A tensor of more bytes than this is weights. */
  private static final int LARGEST = 1 << 20;

  private static final int INT32 = 6;
  private static final int INT64 = 7;

  static GraphConstant read(ByteBuffer message) {
    String name = "";
    int type = 0;
    List<String> values = new ArrayList<>();
    ByteBuffer raw = ByteBuffer.allocate(0);
    for (ProtobufFields tensor = new ProtobufFields(message); tensor.next(); ) {
      switch (tensor.field()) {
        case 2 -> type = (int) tensor.number();
        case 5, 7 -> addNumbers(tensor, values);
        case 6 -> values.add(tensor.text());
        case 8 -> name = tensor.text();
        case 9 -> raw = tensor.bytes();
        default -> {}
      }
    }
    if (raw.remaining() <= LARGEST) {
      addRaw(raw.duplicate().order(ByteOrder.LITTLE_ENDIAN), type, values);
    }
    return new GraphConstant(name, values);
  }

  /** Repeated integers come packed in one field or one by one. */
  static void addNumbers(ProtobufFields field, List<String> values) {
    if (!field.hasBytes()) {
      values.add(Long.toString(field.number()));
    } else if (field.bytes().remaining() <= LARGEST) {
      for (ByteBuffer packed = field.bytes().duplicate(); packed.hasRemaining(); ) {
        values.add(Long.toString(ProtobufFields.varint(packed)));
      }
    }
  }

  private static void addRaw(ByteBuffer raw, int type, List<String> values) {
    while (type == INT32 && raw.remaining() >= Integer.BYTES) {
      values.add(Integer.toString(raw.getInt()));
    }
    while (type == INT64 && raw.remaining() >= Long.BYTES) {
      values.add(Long.toString(raw.getLong()));
    }
  }
}
