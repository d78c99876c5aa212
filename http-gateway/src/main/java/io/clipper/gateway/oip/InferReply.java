package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.gateway.Json;
import io.clipper.gateway.Replies;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;

/** Writes the answer to an inference over HTTP: JSON, and behind it the bytes of the outputs that were asked for so. */
final class InferReply {
  static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  private InferReply() {}

  /** @param binaryByDefault of outputs that the request does not name */
  static HttpResponse write(InferResponse response, List<RequestedOutput> requested, boolean binaryByDefault) {
    List<Boolean> binary = new ArrayList<>();
    for (int i = 0; i < response.outputs().size(); i++) {
      binary.add(requested.isEmpty() ? binaryByDefault : requested.get(i).binary());
    }
    ByteString json = Json.write(generator -> write(generator, response, binary));
    if (!binary.contains(true)) {
      return Replies.json(json);
    }
    ByteString all = json;
    for (int i = 0; i < binary.size(); i++) {
      if (binary.get(i)) {
        all = all.concat(bytes(response.outputs().get(i).data()));
      }
    }
    return HttpResponse.create()
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_OCTET_STREAM, all))
        .addHeader(RawHeader.create(HEADER_LENGTH, Integer.toString(json.size())));
  }

  private static void write(JsonGenerator json, InferResponse response, List<Boolean> binary) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", response.model());
    if (!response.version().isEmpty()) {
      json.writeStringField("model_version", response.version());
    }
    if (!response.id().isEmpty()) {
      json.writeStringField("id", response.id());
    }
    if (!response.parameters().isEmpty()) {
      json.writeObjectFieldStart("parameters");
      for (Map.Entry<String, Parameter> parameter : response.parameters().entrySet()) {
        json.writeFieldName(parameter.getKey());
        switch (parameter.getValue()) {
          case Parameter.Text text -> json.writeString(text.value());
          case Parameter.Whole whole -> json.writeNumber(whole.value());
          case Parameter.Real real -> json.writeNumber(real.value());
          case Parameter.Flag flag -> json.writeBoolean(flag.value());
        }
      }
      json.writeEndObject();
    }
    json.writeArrayFieldStart("outputs");
    for (int i = 0; i < response.outputs().size(); i++) {
      write(json, response.outputs().get(i), binary.get(i));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, WireTensor tensor, boolean binary) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", tensor.name());
    json.writeStringField("datatype", tensor.datatype().name());
    json.writeArrayFieldStart("shape");
    for (long extent : tensor.shape()) {
      json.writeNumber(extent);
    }
    json.writeEndArray();
    if (binary) {
      json.writeObjectFieldStart("parameters");
      json.writeNumberField("binary_data_size", tensor.data().limit());
      json.writeEndObject();
    } else {
      json.writeFieldName("data");
      TensorJson.write(json, tensor);
    }
    json.writeEndObject();
  }

  private static ByteString bytes(ByteBuffer data) {
    return data.hasArray() ? ByteString.fromArrayUnsafe(data.array(), data.arrayOffset(), data.limit()) : ByteString.fromByteBuffer(data.duplicate());
  }
}
