package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** How each version that takes a share of a model's queries does beside the one in use, as far as feedback says. */
final class Canaries {
  private Canaries() {}

  static List<String> lines(JsonNode models, JsonNode learned) {
    List<String> lines = new ArrayList<>();
    for (JsonNode canary : models) {
      if (canary.path("canary_percent").isNumber()) {
        String name = canary.path("model_name").asText();
        String version = canary.path("model_version").asText();
        lines.add("version %s of model %s takes %d %% of its queries".formatted(version, name, canary.path("canary_percent").asInt()));
        Optional<String> inUse =
            StreamSupport.stream(models.spliterator(), false)
                .filter(model -> model.path("model_name").asText().equals(name) && model.path("is_current_version").asBoolean())
                .map(model -> model.path("model_version").asText())
                .findFirst();
        learned
            .properties()
            .forEach(
                application -> {
                  JsonNode candidates = application.getValue().path("candidates");
                  find(candidates, name, version)
                      .ifPresent(
                          found ->
                              lines.add(
                                  "  in %s: %s; in use: %s"
                                      .formatted(
                                          application.getKey(),
                                          error(found),
                                          inUse.flatMap(other -> find(candidates, name, other)).map(Canaries::error).orElse("nothing"))));
                });
      }
    }
    return lines;
  }

  private static Optional<JsonNode> find(JsonNode candidates, String model, String version) {
    return StreamSupport.stream(candidates.spliterator(), false)
        .filter(candidate -> candidate.path("model").asText().equals(model) && candidate.path("version").asText().equals(version))
        .findFirst();
  }

  private static String error(JsonNode candidate) {
    JsonNode loss = candidate.path("mean_loss");
    return loss.isNumber()
        ? "mean loss %s of %d observations".formatted(String.format(Locale.ROOT, "%.4f", loss.asDouble()), candidate.path("observations").asLong())
        : "no feedback yet";
  }
}
