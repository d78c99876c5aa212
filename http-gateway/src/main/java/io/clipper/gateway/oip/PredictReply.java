package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.gateway.Json;
import io.clipper.model.Datatype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

/** Writes the answer to a {@code :predict}: nested, by row or by tensor, as it was asked; one output goes without its name. */
final class PredictReply {
  /** What is written of a number that JSON does not have. */
  enum NoNumber {
    NULL,
    /** {@code NaN}, {@code Infinity} or {@code -Infinity} without quotes, as TensorFlow Serving and its clients have it. */
    BARE_WORD
  }

  /** Of the names of outputs whose strings are no text. */
  private static final String BASE64_SUFFIX = "_bytes";

  private PredictReply() {}

  static Json.Writing write(InferResponse response, PredictBody.Form form, NoNumber noNumber) {
    return json -> {
      json.writeStartObject();
      if (form.isAnsweredByRow()) {
        List<Reading> outputs = outputs(response, noNumber);
        json.writeArrayFieldStart("predictions");
        for (long row = 0; row < outputs.getFirst().tensor.shape().getFirst(); row++) {
          write(json, outputs, Reading::writeRow);
        }
        json.writeEndArray();
      }
      if (form.isAnsweredByTensor()) {
        json.writeFieldName("outputs");
        write(json, outputs(response, noNumber), Reading::writeAll);
      }
      json.writeEndObject();
    };
  }

  private static List<Reading> outputs(InferResponse response, NoNumber noNumber) {
    return response.outputs().stream().map(output -> new Reading(output, noNumber)).toList();
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
    private final NoNumber noNumber;
    /** Where each element of BYTES begins; of no meaning for numbers. */
    private final List<Integer> starts = new ArrayList<>();

    private int next;

    Reading(WireTensor tensor, NoNumber noNumber) {
      this.tensor = tensor;
      this.noNumber = noNumber;
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
        writeNumber(json, index);
        return;
      }
      int at = starts.get(index);
      ByteBuffer element = tensor.data().slice(at + Integer.BYTES, tensor.data().getInt(at));
      if (tensor.name().endsWith(BASE64_SUFFIX)) {
        byte[] bytes = new byte[element.limit()];
        element.get(bytes);
        json.writeStartObject();
        json.writeBinaryField(PredictColumn.BASE64, bytes);
        json.writeEndObject();
      } else {
        json.writeString(text(element, index));
      }
    }

    private void writeNumber(JsonGenerator json, int index) throws IOException {
      if (noNumber == NoNumber.BARE_WORD && tensor.datatype().isFloatingPoint()) {
        double value = ElementText.real(tensor.datatype(), tensor.data(), index);
        if (!Double.isFinite(value)) {
          json.writeNumber(Double.toString(value));
          return;
        }
      }
      TensorJson.write(json, tensor.datatype(), tensor.data(), index);
    }

    private String text(ByteBuffer element, int index) {
      try {
        return Stacking.string(element);
      } catch (CharacterCodingException notText) {
        throw Fault.invalid(
            "element %d of '%s' is not UTF-8: ask /v2/models/NAME/infer for it as binary data, or end the output's name in %s to have it in base64",
            index, tensor.name(), BASE64_SUFFIX);
      }
    }
  }
}
