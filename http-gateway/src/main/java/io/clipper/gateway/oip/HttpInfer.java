package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.gateway.Caller;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.gateway.Unknown;
import io.clipper.model.Datatype;
import io.clipper.model.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.util.ByteString;

/** An inference over HTTP: JSON, JSON with tensors behind it, or the bytes of one tensor. */
final class HttpInfer {
  private final Oip oip;

  HttpInfer(Oip oip) {
    this.oip = oip;
  }

  /**
   * Throws {@link Fault}, or {@link JsonFault}, that says what is wrong and where.
   *
   * @param body as it is when it is unpacked
   * @param jsonLength how much of it is JSON, as the request says
   */
  CompletionStage<HttpResponse> answer(
      HttpRequest request, String name, String version, ByteString body, Optional<String> jsonLength, Caller caller) {
    Optional<Integer> header = jsonLength.map(given -> length(given, body.size()));
    boolean raw = header.isPresent() && header.get() == 0;
    InferRequest infer = raw ? raw(name, version, body) : InferJson.read(name, version, body, header.orElse(body.size()));
    List<RequestedOutput> outputs = infer.outputs();
    boolean binary = raw || infer.parameters().flag("binary_data_output", false);
    return oip.inference()
        .infer(infer, Optional.empty(), caller)
        .thenApply(response -> Encodings.encoded(request, InferReply.write(response, outputs, binary)));
  }

  /**
   * Whether JSON that does not say what it is, is an inference: its first input has a name, and a shape or a datatype. What is no JSON is
   * none.
   */
  static boolean isOne(ByteString body) {
    Unknown passed = new Unknown();
    try (JsonParser json = Json.parser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "instances" -> {
            return false;
          }
          case "inputs" -> {
            return json.currentToken() == JsonToken.START_ARRAY && json.nextToken() == JsonToken.START_OBJECT && isTensor(json, passed);
          }
          default -> passed.pass(json);
        }
      }
      return false;
    } catch (IOException notJson) {
      return false;
    }
  }

  /** The parser stands on the start of an object. */
  private static boolean isTensor(JsonParser json, Unknown passed) throws IOException {
    boolean named = false;
    boolean described = false;
    while (!(named && described) && json.nextToken() == JsonToken.FIELD_NAME) {
      named |= json.currentName().equals("name");
      described |= json.currentName().equals("shape") || json.currentName().equals("datatype");
      json.nextToken();
      passed.pass(json);
    }
    return named && described;
  }

  private static int length(String given, int bodyLength) {
    String text = given.strip();
    if (text.length() > 10 || !text.matches("[0-9]+") || Long.parseLong(text) > bodyLength) {
      throw Fault.invalid("%s is '%s', which is outside 0..%d", InferReply.HEADER_LENGTH, text, bodyLength);
    }
    return Integer.parseInt(text);
  }

  /** The body is the bytes of the only input, or of the only one that is not optional: one row, whose one open extent is told by their number. */
  private InferRequest raw(String name, String version, ByteString body) {
    TensorSpec spec =
        oip.targets()
            .of(name, version)
            .signature()
            .unnamed()
            .filter(only -> only.shape().stream().filter(extent -> extent == -1).count() <= 1)
            .orElseThrow(() -> Fault.invalid("a raw request takes a model of one input with at most one open extent, '%s' is not", name));
    long known = spec.shape().stream().filter(extent -> extent != -1).reduce(1L, (one, other) -> one * other);
    long elements = spec.datatype().elementBytes() > 0 ? body.size() / spec.datatype().elementBytes() : 1;
    List<Long> shape = new ArrayList<>(List.of(1L));
    for (long extent : spec.shape()) {
      shape.add(extent == -1 ? elements / Math.max(1, known) : extent);
    }
    WireTensor tensor =
        spec.datatype() == Datatype.BYTES
            ? new WireTensor(spec.name(), spec.datatype(), shape, element(body))
            : WireTensor.inPieces(spec.name(), spec.datatype(), shape, body);
    return new InferRequest(name, version, "", Parameters.NONE, List.of(tensor), List.of());
  }

  private static ByteBuffer element(ByteString body) {
    ByteBuffer element = ByteBuffer.allocate(Integer.BYTES + body.size()).order(ByteOrder.LITTLE_ENDIAN).putInt(body.size());
    body.getByteBuffers().forEach(element::put);
    return element.flip();
  }
}
