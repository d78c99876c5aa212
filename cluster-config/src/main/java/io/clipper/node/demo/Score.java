package io.clipper.node.demo;

import io.clipper.node.client.Answer;
import io.clipper.node.client.Answer.ModelAnswer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One answer, judged.
 *
 * @param models each asked model's name, and whether its own output was right
 * @param micros from asking to answer, as the client saw it
 */
public record Score(boolean correct, boolean isDefault, OptionalDouble agreement, Map<String, Boolean> models, long micros) {
  public Score {
    models = Map.copyOf(models);
  }

  public static Score of(String label, Answer answer, long micros) {
    Map<String, Boolean> models = new LinkedHashMap<>();
    for (ModelAnswer model : answer.models()) {
      models.put(model.name(), model.output().filter(label::equals).isPresent());
    }
    return new Score(!answer.isDefault() && answer.output().equals(label), answer.isDefault(), answer.agreement(), models, micros);
  }
}
