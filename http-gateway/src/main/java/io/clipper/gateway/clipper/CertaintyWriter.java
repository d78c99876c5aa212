package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.certainty.Certainty;
import io.clipper.certainty.Certainty.PredictionInterval;
import io.clipper.certainty.Certainty.PredictionSet;
import java.io.IOException;

/** Writes where the truth is said to be: {@code set} or {@code interval}, and whether labels enough stand behind it. */
public final class CertaintyWriter {
  private CertaintyWriter() {}

  /** As fields of the answer. */
  static void write(JsonGenerator json, Certainty certainty) throws IOException {
    json.writeFieldName(name(certainty));
    writeValue(json, certainty);
    json.writeBooleanField("calibrated", certainty.calibrated());
  }

  /** {@code set} or {@code interval}. */
  public static String name(Certainty certainty) {
    return switch (certainty) {
      case PredictionSet set -> "set";
      case PredictionInterval interval -> "interval";
    };
  }

  /** Only that array, or null for a set that holds everything where no class is named. */
  public static void writeValue(JsonGenerator json, Certainty certainty) throws IOException {
    switch (certainty) {
      case PredictionSet set when set.whole() && set.classes().isEmpty() -> json.writeNull();
      case PredictionSet set -> {
        json.writeStartArray();
        for (String label : set.classes()) {
          json.writeString(label);
        }
        json.writeEndArray();
      }
      case PredictionInterval interval -> {
        json.writeStartArray();
        if (interval.low() <= interval.high()) {
          writeEnd(json, interval.low());
          writeEnd(json, interval.high());
        }
        json.writeEndArray();
      }
    }
  }

  private static void writeEnd(JsonGenerator json, double end) throws IOException {
    if (Double.isFinite(end)) {
      json.writeNumber(end);
    } else {
      json.writeNull();
    }
  }
}
