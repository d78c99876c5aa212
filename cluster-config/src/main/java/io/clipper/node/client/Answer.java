package io.clipper.node.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What an application answered to one query, as read from its JSON. */
public record Answer(
    long queryId,
    String output,
    boolean isDefault,
    Optional<String> reason,
    OptionalDouble agreement,
    OptionalDouble confidence,
    List<ModelAnswer> models) {
  /** One model's part; its output is empty where nothing came in time. */
  public record ModelAnswer(String name, String version, Optional<String> output, double weight, boolean cached, boolean late) {}

  public Answer {
    models = List.copyOf(models);
  }

  public static Answer of(JsonNode json) {
    List<ModelAnswer> models = new ArrayList<>();
    for (JsonNode model : json.path("models")) {
      models.add(
          new ModelAnswer(
              model.path("name").asText(),
              model.path("version").asText(),
              present(model.path("output")).map(Answer::text),
              model.path("weight").asDouble(),
              model.path("cached").asBoolean(),
              model.path("late").asBoolean()));
    }
    return new Answer(
        json.path("query_id").asLong(),
        text(json.path("output")),
        json.path("default").asBoolean(),
        present(json.path("default_explanation")).map(JsonNode::asText),
        number(json.path("agreement")),
        number(json.path("confidence")),
        models);
  }

  /** As people write it: a whole number without a fraction, a string without quotes, all else as JSON. */
  public static String text(JsonNode value) {
    if (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue()) && Math.abs(value.doubleValue()) < 1e15) {
      return Long.toString(value.longValue());
    }
    return value.isTextual() ? value.asText() : value.toString();
  }

  private static OptionalDouble number(JsonNode value) {
    return value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty();
  }

  private static Optional<JsonNode> present(JsonNode value) {
    return value instanceof MissingNode || value.isNull() ? Optional.empty() : Optional.of(value);
  }
}
