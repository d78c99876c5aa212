package io.clipper.node.replay;

import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.feedback.LoggedQuery.Outcome;
import io.clipper.model.ModelId;
import io.clipper.node.replay.RecordedFeedback.Joined;
import io.clipper.node.replay.Recording.Query;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A recording out of a store. Only queries that asked every candidate and got a label can be replayed: what a model that was not asked would
 * have answered nobody knows.
 *
 * @param partial how many pieces of feedback were left out for that
 */
public record StoreRecording(Recording recording, int partial) {
  /**
   * Its models are those that the latest such query asked.
   *
   * @throws IllegalArgumentException where there is nothing to replay
   */
  public static StoreRecording of(RecordedFeedback feedback) {
    List<ModelId> models = List.of();
    for (Joined one : feedback.joined()) {
      models = isWhole(one, one.query().candidates()) ? one.query().candidates() : models;
    }
    List<Query> queries = new ArrayList<>();
    for (Joined one : feedback.joined()) {
      if (!models.isEmpty() && isWhole(one, models)) {
        queries.add(query(one, models));
      }
    }
    int partial = feedback.joined().size() - queries.size();
    if (queries.isEmpty()) {
      throw new IllegalArgumentException(
          ("nothing to replay of '%s': the journal has %d pieces of feedback, the prediction log has not the queries of %d of them, and %d are"
                  + " no label or of queries that did not ask all models (--off-policy estimates from those)")
              .formatted(feedback.application(), feedback.lessons(), feedback.withoutQuery(), partial));
    }
    return new StoreRecording(new Recording(models, queries), partial);
  }

  /** Whether of each of these it is known what it answered, and that the name still means it. */
  private static boolean isWhole(Joined joined, List<ModelId> models) {
    Map<ModelId, Outcome> outcomes = outcomes(joined);
    List<ModelId> judged = joined.lesson().observation().judged().stream().map(Judged::model).toList();
    return joined.lesson().label().isPresent()
        && !judged.isEmpty()
        && models.stream().allMatch(model -> outcomes.get(model) instanceof NotAdmitted || (outcomes.containsKey(model) && judged.contains(model)));
  }

  private static Query query(Joined joined, List<ModelId> models) {
    Map<ModelId, Outcome> outcomes = outcomes(joined);
    List<Outcome> ofModels = new ArrayList<>();
    models.forEach(model -> ofModels.add(outcomes.getOrDefault(model, new NotAdmitted())));
    return new Query(joined.lesson().context(), joined.query().features(), ofModels, joined.lesson().label().orElseThrow());
  }

  private static Map<ModelId, Outcome> outcomes(Joined joined) {
    Map<ModelId, Outcome> outcomes = new HashMap<>();
    for (Asked asked : joined.query().asked()) {
      outcomes.put(asked.model(), asked.outcome());
    }
    return outcomes;
  }
}
