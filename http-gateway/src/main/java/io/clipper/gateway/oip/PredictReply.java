package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.gateway.Json;
import io.clipper.model.Datatype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Writes the answer to a {@code :predict}: nested, by row or by tensor, as it was asked; one output goes without its name. */
final class PredictReply {
  private PredictReply() {}

  static Json.Writing write(InferResponse response, boolean byRow) {
    List<Reading> outputs = response.outputs().stream().map(Reading::new).toList();
    return json -> {
      json.writeStartObject();
      json.writeFieldName(byRow ? "predictions" : "outputs");
      if (byRow) {
        json.writeStartArray();
        for (long row = 0; row < outputs.getFirst().tensor.shape().getFirst(); row++) {
          write(json, outputs, Reading::writeRow);
        }
        json.writeEndArray();
      } else {
        write(json, outputs, Reading::writeAll);
      }
      json.writeEndObject();
    };
  }

  /** Writes the next of one output. */
  private interface Part {
    void write(Reading output, JsonGenerator json) throws IOException;
  }

  private static void write(JsonGenerator json, List<Reading> outputs, Part part) throws IOException {
    if (outputs.size() == 1) {
      part.write(outputs.getFirst(), json);
      return;
    }
    json.writeStartObject();
    for (Reading output : outputs) {
      json.writeFieldName(output.tensor.name());
      part.write(output, json);
    }
    json.writeEndObject();
  }

  /** One output, read from its first element to its last. */
  private static final class Reading {
    private final WireTensor tensor;
    /** Where each element of BYTES begins; of no meaning for numbers. */
    private final List<Integer> starts = new ArrayList<>();

    private int next;

    Reading(WireTensor tensor) {
      this.tensor = tensor;
      if (tensor.datatype() == Datatype.BYTES) {
        for (int at = 0; at < tensor.data().limit(); at += Integer.BYTES + tensor.data().getInt(at)) {
          starts.add(at);
        }
      }
    }

    void writeAll(JsonGenerator json) throws IOException {
      write(json, 0);
    }

    void writeRow(JsonGenerator json) throws IOException {
      write(json, 1);
    }

    private void write(JsonGenerator json, int dimension) throws IOException {
      if (dimension == tensor.shape().size()) {
        writeElement(json);
        return;
      }
      json.writeStartArray();
      for (long i = 0; i < tensor.shape().get(dimension); i++) {
        write(json, dimension + 1);
      }
      json.writeEndArray();
    }

    private void writeElement(JsonGenerator json) throws IOException {
      int index = next++;
      if (tensor.datatype() != Datatype.BYTES) {
        TensorJson.write(json, tensor.datatype(), tensor.data(), index);
        return;
      }
      int at = starts.get(index);
      ByteBuffer element = tensor.data().slice(at + Integer.BYTES, tensor.data().getInt(at));
      if (tensor.name().endsWith("_bytes")) {
        byte[] bytes = new byte[element.limit()];
        element.get(bytes);
        json.writeStartObject();
        json.writeBinaryField(PredictColumn.BASE64, bytes);
        json.writeEndObject();
      } else {
        json.writeString(Stacking.string(element, index, tensor.name()));
      }
    }
  }
}
