package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.util.ByteString;

/**
 * Reads the body of an inference over HTTP: JSON, and behind it the bytes of the tensors that are not in it. Numbers may take more room as
 * elements than as text: where the tensors would weigh more than the JSON they came in, the request is read to its end once before there is
 * room for them, so that one that is wrong costs no more than twice its size.
 */
final class InferJson {
  /** Tensors of so few bytes are read at once whatever their text weighs. */
  private static final int SMALL = 64 << 10;

  private final ByteString text;
  private final ParametersJson named = new ParametersJson();
  private ByteString tail;
  private long room;
  private boolean isPostponed;

  /** @param room how many bytes tensors may cost before the end of the request is seen */
  private InferJson(ByteString body, int jsonLength, long room) {
    this.text = body.take(jsonLength);
    this.tail = body.drop(jsonLength);
    this.room = room;
  }

  /**
   * Throws {@link Fault}, or {@link JsonFault}, that says what is wrong and where.
   *
   * @param jsonLength how much of the body is JSON
   */
  static InferRequest read(String model, String version, ByteString body, int jsonLength) {
    InferJson first = new InferJson(body, jsonLength, Math.max(SMALL, jsonLength));
    InferRequest request = first.read(model, version);
    return first.isPostponed ? new InferJson(body, jsonLength, Long.MAX_VALUE).read(model, version) : request;
  }

  private InferRequest read(String model, String version) {
    try (JsonParser json = Json.parser(text)) {
      InferRequest request = request(json, model, version);
      if (!tail.isEmpty()) {
        throw Fault.invalid("%d bytes follow the last tensor of the request", tail.size());
      }
      return request;
    } catch (IOException notJson) {
      throw JsonFault.syntax(notJson);
    }
  }

  private InferRequest request(JsonParser json, String model, String version) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw Fault.invalid("the request is not a JSON object");
    }
    String id = "";
    Parameters parameters = Parameters.NONE;
    Optional<List<WireTensor>> inputs = Optional.empty();
    Optional<List<NamedParameters>> outputs = Optional.empty();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      if (isNull(json)) {
        continue;
      }
      switch (key) {
        case "id" -> id = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getText() : Json.text(key, json);
        case "parameters" -> parameters = named.read(json, "the request");
        case "inputs" -> {
          once(key, inputs);
          inputs = Optional.of(inputs(json));
        }
        case "outputs" -> {
          once(key, outputs);
          outputs = Optional.of(outputs(json));
        }
        default -> named.pass(json);
      }
    }
    if (json.nextToken() != null) {
      throw Fault.invalid("text follows the JSON object at byte %d", json.currentTokenLocation().getByteOffset());
    }
    boolean binary = parameters.flag("binary_data_output", false);
    return new InferRequest(
        model,
        version,
        id,
        parameters,
        inputs.orElseThrow(() -> Fault.invalid("the request has no 'inputs'")),
        outputs.orElse(List.of()).stream().map(output -> RequestedOutput.of(output.name(), output.parameters(), binary)).toList());
  }

  /** A null is a key that is not there: clients that write every field of a class have some. */
  private boolean isNull(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.VALUE_NULL) {
      return false;
    }
    named.pass(json);
    return true;
  }

  private record NamedParameters(String name, Parameters parameters) {}

  private List<NamedParameters> outputs(JsonParser json) throws IOException {
    List<NamedParameters> outputs = new ArrayList<>();
    startArray(json, "outputs");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      InferWire.few("outputs", outputs.size(), InferWire.MOST_PARTS);
      startObject(json, "outputs[%d]".formatted(outputs.size()));
      String name = "";
      Parameters parameters = Parameters.NONE;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        if (isNull(json)) {
          continue;
        }
        switch (key) {
          case "name" -> name = Json.text("outputs[%d].name".formatted(outputs.size()), json);
          case "parameters" -> parameters = named.read(json, "outputs[%d]".formatted(outputs.size()));
          default -> named.pass(json);
        }
      }
      if (name.isEmpty()) {
        throw Fault.invalid("outputs[%d] has no name", outputs.size());
      }
      outputs.add(new NamedParameters(name, parameters));
    }
    return outputs;
  }

  private List<WireTensor> inputs(JsonParser json) throws IOException {
    List<WireTensor> inputs = new ArrayList<>();
    startArray(json, "inputs");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      InferWire.few("inputs", inputs.size(), InferWire.MOST_PARTS);
      String place = "inputs[%d]".formatted(inputs.size());
      startObject(json, place);
      inputs.add(input(json, place));
    }
    return inputs;
  }

  /** The data may come before the shape and the datatype that say how to read it: then it is passed over, and read afterwards. */
  private WireTensor input(JsonParser json, String place) throws IOException {
    Optional<String> name = Optional.empty();
    Optional<String> datatype = Optional.empty();
    Optional<List<Long>> shape = Optional.empty();
    Optional<ByteBuffer> data = Optional.empty();
    Optional<ByteString> passed = Optional.empty();
    Parameters parameters = Parameters.NONE;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      if (isNull(json)) {
        continue;
      }
      switch (key) {
        case "name" -> name = Optional.of(Json.text(place + ".name", json));
        case "datatype" -> datatype = Optional.of(Json.text(place + ".datatype", json));
        case "shape" -> shape = Optional.of(shape(json, place));
        case "parameters" -> parameters = named.read(json, place);
        case "data" -> {
          if (name.isPresent() && datatype.isPresent() && shape.isPresent()) {
            data = Optional.of(data(json, name.get(), datatype.get(), shape.get()));
          } else {
            passed = Optional.of(pass(json, place));
          }
        }
        default -> named.pass(json);
      }
    }
    String known = name.orElseThrow(() -> Fault.invalid("%s has no name", place));
    String type = datatype.orElseThrow(() -> Fault.invalid("input '%s' has no datatype", known));
    List<Long> extents = shape.orElseThrow(() -> Fault.invalid("input '%s' has no shape", known));
    if (parameters.values().containsKey("shared_memory_region")) {
      throw new Fault(Fault.Kind.UNSUPPORTED, "input '%s' is in shared memory, which this server does not have".formatted(known));
    }
    Optional<Long> binary = parameters.whole("binary_data_size", 0, Integer.MAX_VALUE);
    if (passed.isPresent()) {
      data = Optional.of(data(passed.get(), known, type, extents));
    }
    if (binary.isPresent() == data.isPresent()) {
      throw Fault.invalid("input '%s' has %s", known, data.isPresent() ? "both data and binary_data_size" : "neither data nor binary_data_size");
    }
    return data.isPresent()
        ? new WireTensor(known, WireTensor.datatype(known, type), extents, data.get())
        : WireTensor.inPieces(known, WireTensor.datatype(known, type), extents, fromTail(known, binary.orElseThrow().intValue()));
  }

  private ByteString fromTail(String name, int size) {
    if (size > tail.size()) {
      throw Fault.invalid("input '%s' is to have %d bytes behind the JSON, where %d are left", name, size, tail.size());
    }
    ByteString data = tail.take(size);
    tail = tail.drop(size);
    return data;
  }

  private ByteString pass(JsonParser json, String place) throws IOException {
    long from = json.currentTokenLocation().getByteOffset();
    named.pass(json);
    long end = json.currentLocation().getByteOffset();
    if (from < 0 || end < from || end > text.size()) {
      throw Fault.invalid("%s: give name, shape and datatype before data, in UTF-8", place);
    }
    return text.slice((int) from, (int) end);
  }

  private ByteBuffer data(ByteString passed, String name, String datatype, List<Long> shape) throws IOException {
    try (JsonParser json = Json.parser(passed)) {
      json.nextToken();
      return data(json, name, datatype, shape, new JsonText(passed, 0));
    }
  }

  private ByteBuffer data(JsonParser json, String name, String datatype, List<Long> shape) throws IOException {
    int from = Math.clamp(json.currentTokenLocation().getByteOffset(), 0, text.size());
    return data(json, name, datatype, shape, new JsonText(text, from));
  }

  /** None where they are to be read when the request is read again. */
  private ByteBuffer data(JsonParser json, String name, String datatype, List<Long> shape, JsonText text) throws IOException {
    TensorJson tensor = new TensorJson(json, name, WireTensor.datatype(name, datatype), shape, text);
    isPostponed |= tensor.cost() > room;
    if (isPostponed) {
      tensor.check();
      return ByteBuffer.allocate(0);
    }
    room -= tensor.cost();
    return ByteBuffer.wrap(tensor.read());
  }

  private static List<Long> shape(JsonParser json, String place) throws IOException {
    startArray(json, place + ".shape");
    List<Long> shape = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
        throw Fault.invalid("extent %d of %s.shape is not a whole number of 0..%d", shape.size(), place, Long.MAX_VALUE);
      }
      InferWire.few("extents", shape.size(), InferWire.MOST_EXTENTS);
      shape.add(json.getLongValue());
    }
    return shape;
  }

  private static void once(String key, Optional<?> before) {
    if (before.isPresent()) {
      throw Fault.invalid("the request has '%s' twice", key);
    }
  }

  private static void startArray(JsonParser json, String place) {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw JsonFault.mismatch(place, "Array", json);
    }
  }

  private static void startObject(JsonParser json, String place) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw JsonFault.mismatch(place, "Object", json);
    }
  }
}
