package io.clipper.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.gateway.Json;
import io.clipper.gateway.oip.Statistics.Took;
import io.clipper.model.TensorSpec;
import io.clipper.replica.BatchTally;
import java.io.IOException;
import java.util.List;

/** The JSON of everything over HTTP but inferences. */
final class Pages {
  private Pages() {}

  static Json.Writing server() {
    return json -> {
      json.writeStartObject();
      json.writeStringField("name", Catalogue.NAME);
      json.writeStringField("version", Catalogue.serverVersion());
      writeStrings(json, "extensions", Catalogue.EXTENSIONS);
      json.writeEndObject();
    };
  }

  static Json.Writing flags(String... trueFields) {
    return json -> {
      json.writeStartObject();
      for (String field : trueFields) {
        json.writeBooleanField(field, true);
      }
      json.writeEndObject();
    };
  }

  static Json.Writing traceSettings() {
    return json -> {
      json.writeStartObject();
      writeStrings(json, "trace_level", List.of("OFF"));
      json.writeEndObject();
    };
  }

  static Json.Writing field(String field, String value) {
    return json -> {
      json.writeStartObject();
      json.writeStringField(field, value);
      json.writeEndObject();
    };
  }

  static Json.Writing error(String message) {
    return field("error", message);
  }

  static Json.Writing modelReady(String name) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("name", name);
      json.writeBooleanField("ready", true);
      json.writeEndObject();
    };
  }

  /** KServe's fields, and TensorFlow Serving's. */
  static Json.Writing available(String name, String version) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("name", name);
      json.writeBooleanField("ready", true);
      json.writeArrayFieldStart("model_version_status");
      json.writeStartObject();
      json.writeStringField("version", version);
      json.writeStringField("state", "AVAILABLE");
      json.writeObjectFieldStart("status");
      json.writeStringField("error_code", "OK");
      json.writeStringField("error_message", "");
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  static Json.Writing models(List<String> names) {
    return json -> {
      json.writeStartObject();
      writeStrings(json, "models", names);
      json.writeEndObject();
    };
  }

  static Json.Writing metadata(Description description) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("name", description.name());
      writeStrings(json, "versions", description.versions());
      json.writeStringField("platform", description.platform());
      writeTensors(json, "inputs", description.inputs());
      writeTensors(json, "outputs", description.outputs());
      json.writeEndObject();
    };
  }

  static Json.Writing config(Description description) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("name", description.name());
      json.writeStringField("platform", description.platform());
      json.writeStringField("backend", Catalogue.NAME);
      json.writeNumberField("max_batch_size", Rows.MOST);
      json.writeArrayFieldStart("input");
      for (TensorSpec input : description.inputs()) {
        writeConfigured(json, input);
        json.writeStringField("format", "FORMAT_NONE");
        json.writeBooleanField("optional", input.optional());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("output");
      for (TensorSpec output : description.outputs()) {
        writeConfigured(json, output);
        json.writeStringField("label_filename", "");
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeObjectFieldStart("dynamic_batching");
      json.writeEndObject();
      json.writeEndObject();
    };
  }

  static Json.Writing index(List<Catalogue.Indexed> lines) {
    return json -> {
      json.writeStartArray();
      for (Catalogue.Indexed line : lines) {
        json.writeStartObject();
        json.writeStringField("name", line.name());
        json.writeStringField("version", line.version());
        json.writeStringField("state", line.state());
        json.writeStringField("reason", line.reason());
        json.writeEndObject();
      }
      json.writeEndArray();
    };
  }

  static Json.Writing statistics(List<Statistics> statistics) {
    return json -> {
      json.writeStartObject();
      json.writeArrayFieldStart("model_stats");
      for (Statistics one : statistics) {
        write(json, one);
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  private static void write(JsonGenerator json, Statistics one) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", one.name());
    json.writeStringField("version", one.version());
    json.writeNumberField("last_inference", one.lastInferenceMillis());
    json.writeNumberField("inference_count", one.rows());
    json.writeNumberField("execution_count", one.executions());
    json.writeObjectFieldStart("inference_stats");
    write(json, "success", one.success());
    write(json, "fail", one.fail());
    write(json, "queue", one.queue());
    write(json, "compute_input", one.conversion());
    write(json, "compute_infer", one.compute());
    write(json, "compute_output", one.conversion());
    write(json, "cache_hit", one.cacheHit());
    write(json, "cache_miss", one.cacheMiss());
    json.writeEndObject();
    json.writeObjectFieldStart("response_stats");
    json.writeEndObject();
    json.writeArrayFieldStart("batch_stats");
    for (BatchTally ofSize : one.batches()) {
      Took conversion = new Took(ofSize.batches(), 0);
      json.writeStartObject();
      json.writeNumberField("batch_size", ofSize.rows());
      write(json, "compute_input", conversion);
      write(json, "compute_infer", new Took(ofSize.batches(), ofSize.nanos()));
      write(json, "compute_output", conversion);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("memory_usage");
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String field, Took took) throws IOException {
    json.writeObjectFieldStart(field);
    json.writeNumberField("count", took.count());
    json.writeNumberField("ns", took.nanos());
    json.writeEndObject();
  }

  private static void writeConfigured(JsonGenerator json, TensorSpec tensor) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", tensor.name());
    json.writeStringField("data_type", Description.configured(tensor.datatype()));
    writeShape(json, "dims", Description.dims(tensor));
    if (Description.isScalar(tensor)) {
      json.writeObjectFieldStart("reshape");
      writeShape(json, "shape", tensor.shape());
      json.writeEndObject();
    }
  }

  private static void writeTensors(JsonGenerator json, String field, List<TensorSpec> tensors) throws IOException {
    json.writeArrayFieldStart(field);
    for (TensorSpec tensor : tensors) {
      json.writeStartObject();
      json.writeStringField("name", tensor.name());
      json.writeStringField("datatype", tensor.datatype().name());
      writeShape(json, "shape", Rows.batched(tensor));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeShape(JsonGenerator json, String field, List<Long> shape) throws IOException {
    json.writeArrayFieldStart(field);
    for (long extent : shape) {
      json.writeNumber(extent);
    }
    json.writeEndArray();
  }

  private static void writeStrings(JsonGenerator json, String field, List<String> values) throws IOException {
    json.writeArrayFieldStart(field);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }
}
