package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.clipper.application.Prediction;
import io.clipper.application.Prediction.ModelAnswer;
import io.clipper.gateway.Json;
import io.clipper.model.Datatype;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;

/** Writes an answer: the original's fields in the original's order, then ours. */
public final class PredictionWriter {
  // Encoded once: an answer has little else in it.
  private static final SerializableString QUERY_ID = new SerializedString("query_id");
  private static final SerializableString OUTPUT = new SerializedString("output");
  private static final SerializableString DEFAULT = new SerializedString("default");
  private static final SerializableString AGREEMENT = new SerializedString("agreement");
  private static final SerializableString CONFIDENCE = new SerializedString("confidence");
  private static final SerializableString MODELS = new SerializedString("models");
  private static final SerializableString NAME = new SerializedString("name");
  private static final SerializableString VERSION = new SerializedString("version");
  private static final SerializableString WEIGHT = new SerializedString("weight");
  private static final SerializableString CACHED = new SerializedString("cached");
  private static final SerializableString LATE = new SerializedString("late");

  private PredictionWriter() {}

  static void write(JsonGenerator json, Prediction prediction) throws IOException {
    json.writeStartObject();
    json.writeFieldName(QUERY_ID);
    json.writeNumber(prediction.queryId());
    json.writeFieldName(OUTPUT);
    writeOutput(json, prediction.output());
    json.writeFieldName(DEFAULT);
    json.writeBoolean(prediction.isDefault());
    if (prediction.defaultReason().isPresent()) {
      json.writeStringField("default_explanation", prediction.defaultReason().get());
    }
    writeOptional(json, AGREEMENT, prediction.agreement());
    writeOptional(json, CONFIDENCE, prediction.confidence());
    json.writeFieldName(MODELS);
    writeModels(json, prediction);
    if (prediction.rejected().isPresent()) {
      json.writeFieldName("rejected_output");
      writeOutput(json, prediction.rejected().get());
    }
    if (prediction.certainty().isPresent()) {
      CertaintyWriter.write(json, prediction.certainty().get());
    }
    if (prediction.contextUnread()) {
      json.writeBooleanField("context_read", false);
    }
    json.writeEndObject();
  }

  /** Each asked model's part, as an array. */
  public static void writeModels(JsonGenerator json, Prediction prediction) throws IOException {
    json.writeStartArray();
    for (ModelAnswer model : prediction.models()) {
      writeModel(json, model);
    }
    json.writeEndArray();
  }

  private static void writeModel(JsonGenerator json, ModelAnswer model) throws IOException {
    json.writeStartObject();
    json.writeFieldName(NAME);
    json.writeString(model.model().name());
    json.writeFieldName(VERSION);
    json.writeString(model.model().version());
    json.writeFieldName(OUTPUT);
    if (model.output().isPresent()) {
      writeOutput(json, model.output().get());
    } else {
      json.writeNull();
    }
    json.writeFieldName(WEIGHT);
    json.writeNumber(model.weight());
    json.writeFieldName(CACHED);
    json.writeBoolean(model.cached());
    json.writeFieldName(LATE);
    json.writeBoolean(model.late());
    json.writeEndObject();
  }

  private static void writeOptional(JsonGenerator json, SerializableString field, OptionalDouble value) throws IOException {
    json.writeFieldName(field);
    if (value.isPresent()) {
      writeNumber(json, value.getAsDouble());
    } else {
      json.writeNull();
    }
  }

  private static void writeOutput(JsonGenerator json, Output output) throws IOException {
    Tensor tensor = output.first();
    List<String> strings = tensor.datatype() == Datatype.BYTES ? tensor.strings() : List.of();
    writeDimension(json, tensor, strings, tensor.shape(), 0, 0);
  }

  /** Writes what lies from element {@code at} on in that dimension, and gives the first element behind it. */
  private static int writeDimension(JsonGenerator json, Tensor tensor, List<String> strings, long[] shape, int dimension, int at)
      throws IOException {
    if (dimension == shape.length) {
      writeElement(json, tensor, strings, at);
      return at + 1;
    }
    int next = at;
    json.writeStartArray();
    for (long i = 0; i < shape[dimension]; i++) {
      next = writeDimension(json, tensor, strings, shape, dimension + 1, next);
    }
    json.writeEndArray();
    return next;
  }

  private static void writeElement(JsonGenerator json, Tensor tensor, List<String> strings, int at) throws IOException {
    switch (tensor.datatype()) {
      case BYTES -> Json.writeEmbedded(json, strings.get(at));
      case BOOL -> json.writeBoolean(tensor.longAt(at) != 0);
      case UINT64 -> {
        if (tensor.longAt(at) >= 0) {
          json.writeNumber(tensor.longAt(at));
        } else {
          json.writeNumber(Long.toUnsignedString(tensor.longAt(at)));
        }
      }
      case UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 -> json.writeNumber(tensor.longAt(at));
      case FP32 -> writeSingle(json, (float) tensor.doubleAt(at));
      case FP16, BF16, FP64 -> writeNumber(json, tensor.doubleAt(at));
    }
  }

  /** As a float, so that 0.1 is written as 0.1. */
  private static void writeSingle(JsonGenerator json, float value) throws IOException {
    if (Float.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeNull();
    }
  }

  /** JSON has no NaN and no infinity. */
  private static void writeNumber(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeNull();
    }
  }
}
