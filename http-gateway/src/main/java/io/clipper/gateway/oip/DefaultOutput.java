package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Elements;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import io.clipper.model.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.pekko.util.ByteString;

/**
 * An application's default output, which is text, as the tensor that its models would have answered with: so a row without an answer stands
 * beside the others. A single value fills the whole shape; text that is no number is NaN among floating-point numbers, and stays text
 * elsewhere, which makes the whole output text.
 */
final class DefaultOutput {
  private static final int LARGEST = 1 << 24;

  private DefaultOutput() {}

  /** Of that shape, and where the text has a value of that datatype, of it. Empty where the shape is too large to fill. */
  static Optional<Tensor> as(String text, TensorSpec like) {
    long[] shape = like.shape().stream().mapToLong(extent -> extent == -1 ? 1 : extent).toArray();
    long wanted = 1;
    for (long extent : shape) {
      wanted = Math.min(LARGEST + 1L, wanted * extent);
    }
    if (wanted > LARGEST) {
      return Optional.empty();
    }
    if (like.datatype() == Datatype.BYTES) {
      return Optional.of(text(text, shape, (int) wanted));
    }
    Optional<Tensor> read = read(text, like.datatype(), shape, wanted);
    if (read.isPresent()) {
      return read;
    }
    return Optional.of(
        like.datatype().isFloatingPoint()
            ? filled(like.datatype(), shape, notANumber(like.datatype()), (int) wanted)
            : text(text, shape, (int) wanted));
  }

  private static Tensor text(String text, long[] shape, int elements) {
    return filled(Datatype.BYTES, shape, Tensor.ofStrings(text).array(), elements);
  }

  /** Zeros, or empty text, of that shape. */
  static Tensor nothing(TensorSpec like) {
    long[] shape = like.shape().stream().mapToLong(extent -> extent == -1 ? 1 : extent).toArray();
    int elementBytes = like.datatype() == Datatype.BYTES ? Integer.BYTES : like.datatype().elementBytes();
    int elements = Math.toIntExact(WireTensor.elements(like.name(), Arrays.stream(shape).boxed().toList()));
    return Tensor.wrap(like.datatype(), shape, new byte[Math.multiplyExact(elements, elementBytes)]);
  }

  /** Where nothing is known of what the models answer: a JSON number or boolean is one, all else is text. */
  static Tensor unlike(String text) {
    try (JsonParser json = Json.parser(ByteString.fromString(text, StandardCharsets.UTF_8))) {
      JsonToken token = json.nextToken();
      Datatype datatype = token == null ? Datatype.BYTES : datatype(token);
      if (datatype != Datatype.BYTES) {
        Elements elements = new Elements(datatype, 1);
        elements.add(json, "the default output");
        if (json.nextToken() == null) {
          return Tensor.wrap(datatype, new long[0], elements.toBytes());
        }
      }
    } catch (IOException | JsonFault isText) {
      return Tensor.ofStrings(text).reshaped();
    }
    return Tensor.ofStrings(text).reshaped();
  }

  private static Datatype datatype(JsonToken token) {
    return switch (token) {
      case VALUE_NUMBER_INT -> Datatype.INT64;
      case VALUE_NUMBER_FLOAT -> Datatype.FP64;
      case VALUE_TRUE, VALUE_FALSE -> Datatype.BOOL;
      case VALUE_STRING, VALUE_NULL, START_OBJECT, END_OBJECT, START_ARRAY, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
          Datatype.BYTES;
    };
  }

  private static Optional<Tensor> read(String text, Datatype datatype, long[] shape, long wanted) {
    Elements elements = new Elements(datatype, 1);
    try (JsonParser json = Json.parser(ByteString.fromString(text, StandardCharsets.UTF_8))) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
          elements.add(json, "the default output");
        }
      }
    } catch (IOException | JsonFault notOfThatDatatype) {
      return Optional.empty();
    }
    byte[] bytes = elements.toBytes();
    if (elements.count() == 1) {
      return Optional.of(filled(datatype, shape, bytes, (int) wanted));
    }
    return elements.count() == wanted && wanted > 0 ? Optional.of(Tensor.wrap(datatype, shape, bytes)) : Optional.empty();
  }

  private static Tensor filled(Datatype datatype, long[] shape, byte[] element, int elements) {
    byte[] bytes = new byte[Math.multiplyExact(elements, element.length)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = element[i % element.length];
    }
    return Tensor.wrap(datatype, shape, bytes);
  }

  /** Little-endian. */
  private static byte[] notANumber(Datatype datatype) {
    ByteBuffer element = ByteBuffer.allocate(datatype.elementBytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (datatype) {
      case FP64 -> element.putDouble(Double.NaN);
      case FP32 -> element.putFloat(Float.NaN);
      case FP16 -> element.putShort(Float.floatToFloat16(Float.NaN));
      case BF16 -> element.putShort((short) (Float.floatToIntBits(Float.NaN) >>> 16));
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES -> throw new IllegalStateException(datatype + " has no NaN");
    }
    return element.array();
  }
}
