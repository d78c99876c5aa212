package io.clipper.load;

import com.google.protobuf.ByteString;
import io.clipper.model.Datatype;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest.InferInputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** One row of a model as each door takes it: bytes in which one element can be changed, so that no two requests are alike. */
final class InferDoor {
  /** How a tensor travels. */
  enum Door {
    JSON,
    BINARY,
    GRPC,
    STREAM
  }

  /** As wide as any number that is counted up to. */
  private static final int FIRST = 10_000_000;

  private final Door door;
  private final byte[] request;
  private final int at;
  private int count;

  private InferDoor(Door door, byte[] request, int at) {
    this.door = door;
    this.request = request;
    this.at = at;
  }

  static InferDoor of(Door door, ServedTensors served, int seed) {
    InferDoor made =
        switch (door) {
          case JSON -> json(served);
          case BINARY -> binary(served);
          case GRPC, STREAM -> message(door, served);
        };
    made.count = seed * 1_000_000;
    return made;
  }

  /** The same array each time, with another first element. */
  byte[] next() {
    count++;
    if (door == Door.JSON) {
      byte[] digits = Integer.toString(FIRST + count % FIRST).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(digits, 0, request, at, digits.length);
    } else {
      ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN).putInt(at, 0x3f00_0000 | (count & 0xf_ffff));
    }
    return request;
  }

  private static InferDoor json(ServedTensors served) {
    String element = served.datatype() == Datatype.FP32 ? ",0.125" : ",7";
    String head =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%s],\"datatype\":\"%s\",\"data\":[".formatted(served.extents().replace('x', ','), served.datatype());
    String body = head + FIRST + element.repeat(served.elements() - 1) + "]}]}";
    byte[] request = HttpLoad.post(path(served), body);
    return new InferDoor(Door.JSON, request, request.length - body.length() + head.length());
  }

  private static InferDoor binary(ServedTensors served) {
    int size = served.elements() * served.datatype().elementBytes();
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%s],\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%d}}],\"parameters\":{\"binary_data_output\":true}}"
            .formatted(served.extents().replace('x', ','), served.datatype(), size);
    String head =
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nInference-Header-Content-Length: %d\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path(served), json.length(), json.length() + size, json);
    byte[] start = head.getBytes(StandardCharsets.US_ASCII);
    byte[] request = new byte[start.length + size];
    System.arraycopy(start, 0, request, 0, start.length);
    return new InferDoor(Door.BINARY, request, start.length);
  }

  private static InferDoor message(Door door, ServedTensors served) {
    int size = served.elements() * served.datatype().elementBytes();
    InferInputTensor.Builder input = InferInputTensor.newBuilder().setName("x").setDatatype(served.datatype().name()).addShape(1).addAllShape(served.shape());
    byte[] request =
        ModelInferRequest.newBuilder().setModelName(name(served)).addInputs(input).addRawInputContents(ByteString.copyFrom(new byte[size])).build().toByteArray();
    // The last field's bytes are the message's last.
    return new InferDoor(door, request, request.length - size);
  }

  private static String path(ServedTensors served) {
    return "/v2/models/%s/infer".formatted(name(served));
  }

  private static String name(ServedTensors served) {
    return served.model() + "@model";
  }
}
