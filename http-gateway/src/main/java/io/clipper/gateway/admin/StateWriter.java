package io.clipper.gateway.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.application.LearnedState;
import io.clipper.change.Changed;
import java.io.IOException;
import java.util.OptionalDouble;

/** Writes what an application has learned. */
final class StateWriter {
  private StateWriter() {}

  static void write(JsonGenerator json, LearnedState state) throws IOException {
    json.writeStartObject();
    json.writeStringField("policy", state.policy());
    json.writeNumberField("observations", state.observations());
    json.writeArrayFieldStart("candidates");
    for (LearnedState.CandidateState candidate : state.candidates()) {
      json.writeStartObject();
      json.writeStringField("model", candidate.model().name());
      json.writeStringField("version", candidate.model().version());
      json.writeNumberField("weight", candidate.weight());
      json.writeNumberField("observations", candidate.observations());
      writeOptional(json, "mean_loss", candidate.meanLoss());
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!state.partitions().isEmpty()) {
      json.writeArrayFieldStart("partitions");
      for (LearnedState.PartitionState partition : state.partitions()) {
        json.writeStartObject();
        json.writeNumberField("partition", partition.partition());
        json.writeStringField("node", partition.node());
        json.writeNumberField("observations", partition.observations());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    if (state.assured().isPresent()) {
      writeAssured(json, state.assured().get());
      json.writeArrayFieldStart("changes");
      for (Changed change : state.changes()) {
        writeChange(json, change);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void writeAssured(JsonGenerator json, LearnedState.Assured assured) throws IOException {
    json.writeObjectFieldStart("certainty");
    writeOptional(json, "wanted", assured.wanted());
    writeOptional(json, "coverage", assured.coverage());
    json.writeNumberField("least", assured.least());
    json.writeNumberField("most", assured.most());
    writeOptional(json, "mean_size", assured.meanSize());
    json.writeNumberField("unbounded", assured.unbounded());
    json.writeNumberField("labels", assured.labels());
    writeOptional(json, "labelled", assured.labelled());
    json.writeEndObject();
  }

  private static void writeChange(JsonGenerator json, Changed change) throws IOException {
    json.writeStartObject();
    switch (change) {
      case Changed.Worsened worsened -> {
        json.writeStringField("kind", "worsened");
        json.writeStringField("model", worsened.model().toString());
      }
      case Changed.DataDrift drift -> json.writeStringField("kind", "data drift");
    }
    json.writeNumberField("before", change.before());
    json.writeNumberField("after", change.after());
    json.writeNumberField("labels", change.labels());
    json.writeEndObject();
  }

  private static void writeOptional(JsonGenerator json, String field, OptionalDouble value) throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(field, value.getAsDouble());
    } else {
      json.writeNullField(field);
    }
  }
}
