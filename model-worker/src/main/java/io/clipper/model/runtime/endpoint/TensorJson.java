package io.clipper.model.runtime.endpoint;

import com.google.gson.stream.JsonWriter;
import io.clipper.model.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A tensor as lists in lists, each number as the kind of number that it is: servers take no {@code 3.0} for an integer. */
final class TensorJson {
  /** In the place of a string, an object of this one field: bytes that are no text. */
  static final String BASE64 = "b64";

  private final JsonWriter json;
  private final Tensor tensor;
  private final ByteBuffer bytes;
  private int next;

  private TensorJson(JsonWriter json, Tensor tensor) {
    this.json = json;
    this.tensor = tensor;
    this.bytes = tensor.bytes();
  }

  /** Throws {@link IllegalArgumentException} for NaN and the infinities. */
  static void write(JsonWriter json, Tensor tensor) throws IOException {
    new TensorJson(json, tensor).list(tensor.shape(), 0);
  }

  private void list(long[] shape, int dimension) throws IOException {
    if (dimension == shape.length) {
      element();
      return;
    }
    json.beginArray();
    for (long i = 0; i < shape[dimension]; i++) {
      list(shape, dimension + 1);
    }
    json.endArray();
  }

  private void element() throws IOException {
    int index = next++;
    switch (tensor.datatype()) {
      case BOOL -> json.value(tensor.longAt(index) != 0);
      case UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 -> json.value(tensor.longAt(index));
      case UINT64 -> json.value(new BigInteger(Long.toUnsignedString(tensor.longAt(index))));
      case FP16, BF16, FP32 -> json.value((Float) (float) tensor.doubleAt(index)); // not the digits of the nearest double
      case FP64 -> json.value(tensor.doubleAt(index));
      case BYTES -> blob();
    }
  }

  private void blob() throws IOException {
    byte[] blob = new byte[bytes.getInt()];
    bytes.get(blob);
    try {
      json.value(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(blob)).toString());
    } catch (CharacterCodingException noText) {
      json.beginObject().name(BASE64).value(Base64.getEncoder().encodeToString(blob)).endObject();
    }
  }
}
