package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonParser;
import io.clipper.application.Feedback;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Labels;
import io.clipper.model.Signature;
import io.clipper.wire.WireSettings;
import java.io.IOException;
import java.util.Optional;
import org.apache.pekko.util.ByteString;

/** Reads the body of an update: which prediction, and what is said of it. */
final class UpdateRequest implements Fields.Taking {
  static final String SCHEMA =
      "{\"query_id\" := int | \"input\" := [double] | [int] | [float] | string | base64 string,"
          + " \"label\" := number | string | bool | \"reward\" := 0..1 | \"loss\" := 0..1, \"context\" := string, \"feedback_id\" := string}";
  private static final long LARGEST_QUERY_ID = (1L << 53) - 1;

  private final Signature signature;
  private final WireSettings wire;
  private Optional<Feedback.Target> query = Optional.empty();
  private Optional<Feedback.Target> input = Optional.empty();
  private Optional<Feedback.Judgement> judgement = Optional.empty();
  private Optional<String> context = Optional.empty();
  private Optional<String> feedbackId = Optional.empty();

  private UpdateRequest(Signature signature, WireSettings wire) {
    this.signature = signature;
    this.wire = wire;
  }

  /** Throws {@link JsonFault} for anything but a well-formed request of that application, {@link io.clipper.Refused} for one that is too large. */
  static Feedback read(ByteString body, String application, Signature signature, WireSettings wire) {
    UpdateRequest request = new UpdateRequest(signature, wire);
    Fields.each(body, request);
    return request.feedback(application);
  }

  @Override
  public boolean take(String key, JsonParser json) throws IOException {
    switch (key) {
      case "query_id" -> query = Optional.of(new Feedback.OfQuery(Fields.whole(key, json, 0, LARGEST_QUERY_ID)));
      case "input" -> input = Optional.of(new Feedback.OfInput(InputReader.read(json, signature, InputPlace.ONLY, wire)));
      case "label" -> judge(new Feedback.Label(label(json)));
      case "reward" -> judge(new Feedback.Reward(Fields.share(key, json)));
      case "loss" -> judge(new Feedback.Loss(Fields.share(key, json)));
      case "context" -> context = Optional.of(Json.text(key, json));
      case "feedback_id" -> feedbackId = Optional.of(Json.text(key, json));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void judge(Feedback.Judgement given) {
    if (judgement.isPresent()) {
      throw new JsonFault("JSON object has more than one of the keys label, reward and loss");
    }
    judgement = Optional.of(given);
  }

  private static String label(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_STRING -> Labels.canonical(Json.text("label", json));
      case VALUE_TRUE -> "true";
      case VALUE_FALSE -> "false";
      case VALUE_NUMBER_INT -> json.getBigIntegerValue().toString();
      case VALUE_NUMBER_FLOAT -> finiteLabel(json.getDoubleValue());
      case START_OBJECT, END_OBJECT, START_ARRAY, END_ARRAY, FIELD_NAME, VALUE_NULL, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
          throw JsonFault.mismatch("label", "Number", json);
    };
  }

  private static String finiteLabel(double label) {
    if (Double.isInfinite(label)) {
      throw new JsonFault("JSON key label is out of the range of double");
    }
    return Labels.canonical(label);
  }

  private Feedback feedback(String application) {
    Feedback.Judgement said =
        judgement.orElseThrow(() -> new JsonFault("JSON object does not have required key: label (or reward, or loss)"));
    Feedback.Target target =
        query.or(() -> input).orElseThrow(() -> new JsonFault("JSON object does not have required keys query_id or input"));
    if (query.isEmpty() && !(said instanceof Feedback.Label)) {
      throw new JsonFault("a reward or a loss judges the answer to one query: give its query_id, or a label with the input");
    }
    return new Feedback(application, target, said, context, feedbackId);
  }
}
