package io.clipper.model.runtime.endpoint;

import com.google.gson.stream.JsonWriter;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The row format of TensorFlow Serving and KServe's first protocol: {@code instances} there, {@code predictions} back, one a row. */
final class RowJson {
  private RowJson() {}

  /** Several tensors a row go by their names, one by itself. */
  static String request(List<Input> batch) {
    StringWriter text = new StringWriter();
    JsonWriter json = new JsonWriter(text);
    try {
      json.beginObject().name("instances").beginArray();
      for (Input input : batch) {
        row(json, input.tensors());
      }
      json.endArray().endObject().flush();
      return text.toString();
    } catch (IOException | IllegalArgumentException unwritable) {
      throw new IllegalArgumentException("the input cannot be written as JSON: " + unwritable.getMessage(), unwritable);
    }
  }

  private static void row(JsonWriter json, List<NamedTensor> tensors) throws IOException {
    if (tensors.size() == 1) {
      TensorJson.write(json, tensors.getFirst().tensor());
      return;
    }
    json.beginObject();
    for (NamedTensor tensor : tensors) {
      json.name(tensor.name());
      TensorJson.write(json, tensor.tensor());
    }
    json.endObject();
  }

  /** Throws {@link IllegalStateException} where the body is no such answer. */
  static List<Output> outputs(String body, int rows) {
    Struct.Builder answer = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(body, answer);
    } catch (InvalidProtocolBufferException malformed) {
      throw new IllegalStateException("the server's answer is no JSON object", malformed);
    }
    Value predictions = answer.getFieldsMap().get("predictions");
    if (predictions == null || !predictions.hasListValue() || predictions.getListValue().getValuesCount() != rows) {
      throw new IllegalStateException("the server's answer has not %d predictions".formatted(rows));
    }
    return predictions.getListValue().getValuesList().stream().map(RowJson::output).toList();
  }

  private static Output output(Value prediction) {
    if (!prediction.hasStructValue() || isBlob(prediction)) {
      return Output.of(tensor(prediction));
    }
    List<NamedTensor> tensors = new ArrayList<>();
    for (Map.Entry<String, Value> field : prediction.getStructValue().getFieldsMap().entrySet()) {
      tensors.add(new NamedTensor(field.getKey(), tensor(field.getValue())));
    }
    return new Output(tensors, Optional.empty());
  }

  /** Nested lists are read flat, row by row, under one dimension: a list of one number is that number. */
  private static Tensor tensor(Value value) {
    List<Value> elements = new ArrayList<>();
    flatten(value, elements);
    long texts = elements.stream().filter(element -> element.hasStringValue() || isBlob(element)).count();
    if (texts > 0 && texts < elements.size()) {
      throw new IllegalStateException("the server's answer has texts and others in one list");
    }
    Tensor flat =
        texts > 0
            ? blobs(elements.stream().map(RowJson::blob).toList())
            : Tensor.ofDoubles(elements.stream().mapToDouble(RowJson::number).toArray());
    return elements.size() == 1 ? flat.reshaped() : flat;
  }

  private static double number(Value value) {
    if (value.hasBoolValue()) {
      return value.getBoolValue() ? 1 : 0;
    }
    if (!value.hasNumberValue()) {
      throw new IllegalStateException("the server's answer has %s where a number should be".formatted(value.getKindCase()));
    }
    return value.getNumberValue();
  }

  /** {@code {"b64": …}}, which stands for bytes that need not be a text. */
  private static boolean isBlob(Value value) {
    return value.hasStructValue() && value.getStructValue().getFieldsCount() == 1 && value.getStructValue().getFieldsOrDefault(TensorJson.BASE64, value).hasStringValue();
  }

  private static byte[] blob(Value value) {
    if (value.hasStringValue()) {
      return value.getStringValue().getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(value.getStructValue().getFieldsOrThrow(TensorJson.BASE64).getStringValue());
    } catch (IllegalArgumentException malformed) {
      throw new IllegalStateException("the server's answer has a b64 that is none", malformed);
    }
  }

  private static void flatten(Value value, List<Value> elements) {
    if (value.hasListValue()) {
      value.getListValue().getValuesList().forEach(each -> flatten(each, elements));
    } else {
      elements.add(value);
    }
  }

  private static Tensor blobs(List<byte[]> blobs) {
    int size = blobs.stream().mapToInt(blob -> Integer.BYTES + blob.length).reduce(0, Math::addExact);
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    blobs.forEach(blob -> bytes.putInt(blob.length).put(blob));
    return Tensor.wrap(Datatype.BYTES, new long[] {blobs.size()}, bytes.array());
  }
}
