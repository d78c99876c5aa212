package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.application.Prediction;
import io.clipper.gateway.Replies;
import java.io.IOException;
import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What becomes of one input. */
sealed interface Answer {
  record Predicted(Prediction prediction) implements Answer {}

  record Failed(Failure failure) implements Answer {}

  default HttpResponse response() {
    return switch (this) {
      case Predicted predicted -> Replies.json(json -> PredictionWriter.write(json, predicted.prediction()));
      case Failed failed -> failed.failure().response();
    };
  }

  /** One entry for each input, in their order. */
  static void writeBatch(JsonGenerator json, List<Answer> answers) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart("batch_predictions");
    for (Answer answer : answers) {
      switch (answer) {
        case Predicted predicted -> PredictionWriter.write(json, predicted.prediction());
        case Failed failed -> failed.failure().write(json);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
