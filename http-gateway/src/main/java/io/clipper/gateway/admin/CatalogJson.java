package io.clipper.gateway.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.gateway.Json;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.RuntimeSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes applications and model versions: the original's fields, then ours. */
final class CatalogJson {
  private CatalogJson() {}

  static void writeApplication(JsonGenerator json, Application application) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", application.name());
    json.writeStringField("input_type", application.signature().describe());
    json.writeStringField("default_output", application.defaultOutput());
    json.writeNumberField("latency_slo_micros", application.slo().toNanos() / 1000);
    writeStrings(json, "linked_models", application.models());
    writeSignature(json, application.signature());
    writeLearning(json, application.learning());
    json.writeEndObject();
  }

  private static void writeLearning(JsonGenerator json, LearningSettings learning) throws IOException {
    writeOptional(json, "policy", learning.policy());
    writeNumbers(json, "policy_options", learning.policyOptions());
    writeOptional(json, "combiner", learning.combiner());
    writeNumbers(json, "combiner_options", learning.combinerOptions());
    json.writeStringField("loss", learning.loss());
    writeOptional(json, "confidence", learning.confidence());
    writeOptionalNumber(json, "confidence_threshold", learning.confidenceThreshold());
    json.writeNumberField("tolerance", learning.tolerance());
    json.writeStringField("on_overload", learning.onOverload());
    json.writeStringField("partitions", learning.partitions());
    json.writeNumberField("shadow", learning.shadow());
    json.writeNumberField("missing_loss", learning.missingLoss());
    json.writeNumberField("late_loss", learning.lateLoss());
    json.writeNumberField("max_asked", learning.maxAsked());
    writeOptionalNumber(json, "coverage", learning.certainty().coverage());
    json.writeStringField("calibration", learning.certainty().calibration());
    json.writeStringField("watch", learning.certainty().watch());
  }

  private static void writeNumbers(JsonGenerator json, String field, Map<String, Double> numbers) throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<String, Double> number : numbers.entrySet()) {
      json.writeNumberField(number.getKey(), number.getValue());
    }
    json.writeEndObject();
  }

  private static void writeOptionalNumber(JsonGenerator json, String field, Optional<Double> number) throws IOException {
    json.writeFieldName(field);
    if (number.isPresent()) {
      json.writeNumber(number.get());
    } else {
      json.writeNull();
    }
  }

  static void writeVersion(JsonGenerator json, Model model, ModelVersion version) throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", model.name());
    json.writeStringField("model_version", version.id().version());
    json.writeStringField("input_type", version.signature().describe());
    writeStrings(json, "labels", version.labels());
    json.writeStringField("container_name", version.containerName());
    json.writeStringField("model_data_path", version.modelDataPath());
    json.writeBooleanField("is_current_version", isCurrent(model, version));
    Optional<Canary> canary = model.canary().filter(taking -> taking.version().equals(version.id().version()));
    writeOptionalNumber(json, "canary_percent", canary.map(taking -> (double) taking.percent()));
    writeSignature(json, version.signature());
    json.writeStringField("runtime", runtime(version.runtime()));
    writeOptional(json, "artifact", version.artifact());
    json.writeNumberField("batch_size", version.batchSize());
    ReplicaCount.write(json, model.replicas());
    json.writeEndObject();
  }

  static boolean isCurrent(Model model, ModelVersion version) {
    return model.current().filter(version.id().version()::equals).isPresent();
  }

  private static String runtime(RuntimeSpec runtime) {
    return switch (runtime) {
      case RuntimeSpec.Onnx onnx -> "onnx";
      case RuntimeSpec.Python python -> "python";
      case RuntimeSpec.Command command -> "process";
      case RuntimeSpec.Isolated isolated -> runtime(isolated.model()) + " (isolated)";
      case RuntimeSpec.Endpoint endpoint -> endpoint.url();
      case RuntimeSpec.PlugIn plugIn -> plugIn.kind();
      case RuntimeSpec.Announced announced -> "announced";
    };
  }

  private static void writeSignature(JsonGenerator json, Signature signature) throws IOException {
    json.writeArrayFieldStart("signature");
    for (TensorSpec tensor : signature.tensors()) {
      json.writeStartObject();
      json.writeStringField("name", tensor.name());
      json.writeStringField("datatype", tensor.datatype().name());
      json.writeArrayFieldStart("shape");
      for (long extent : tensor.shape()) {
        json.writeNumber(extent);
      }
      json.writeEndArray();
      json.writeBooleanField("optional", tensor.optional());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void writeStrings(JsonGenerator json, String field, List<String> strings) throws IOException {
    json.writeFieldName(field);
    writeStrings(json, strings);
  }

  static void writeStrings(JsonGenerator json, List<String> strings) throws IOException {
    json.writeStartArray();
    for (String string : strings) {
      json.writeString(string);
    }
    json.writeEndArray();
  }

  /** Each value under all of that, or only its name. */
  static <T> Json.Writing list(List<T> values, Writer<T> writer) {
    return json -> {
      json.writeStartArray();
      for (T value : values) {
        writer.write(json, value);
      }
      json.writeEndArray();
    };
  }

  /** Writes one of a list. */
  interface Writer<T> {
    void write(JsonGenerator json, T value) throws IOException;
  }

  static void writeOptional(JsonGenerator json, String field, Optional<String> value) throws IOException {
    json.writeFieldName(field);
    if (value.isPresent()) {
      json.writeString(value.get());
    } else {
      json.writeNull();
    }
  }
}
