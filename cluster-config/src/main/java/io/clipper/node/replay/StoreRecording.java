package io.clipper.node.replay;

import io.clipper.application.Lesson;
import io.clipper.application.Lesson.Taught;
import io.clipper.application.RecordedLessons;
import io.clipper.feedback.LoggedQueries;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.Loss;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.node.replay.Recording.Query;
import io.clipper.node.replay.Recording.Truth;
import io.clipper.storage.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A recording out of a store: the lessons that the journal still has, joined by query id with what models had answered in the prediction
 * log. Only what every candidate was judged by can be replayed: of a model that was not asked nobody knows what it would have lost.
 *
 * @param lessons how many the journal has
 * @param withoutAnswers those of them whose query is not in the prediction log any more
 * @param partial those that judged not all models, as rewards, losses and policies that ask one model do
 */
public record StoreRecording(Recording recording, int lessons, int withoutAnswers, int partial) {
  /** Of a zero-one loss that is 0 for nobody: the label of a class that none of the models named. */
  static final String NOBODYS = "(none of these)";

  /** A lesson beside what it was about. */
  private record Joined(Lesson lesson, LoggedQuery query) {
    Map<ModelId, Double> losses() {
      Map<ModelId, Double> losses = new HashMap<>();
      lesson.observation().judged().forEach(judged -> losses.put(judged.model(), judged.loss()));
      return losses;
    }
  }

  /**
   * Of one application. Its models are those that the latest full lesson judged.
   *
   * @param loss the application's own, by which its lessons were judged
   * @throws IllegalArgumentException where there is nothing to replay, or the lessons were judged by another loss; it says which
   */
  public static StoreRecording of(Database database, String application, Loss loss) throws SQLException {
    List<Lesson> lessons = RecordedLessons.of(database, application);
    Set<Long> judged = lessons.stream().map(Lesson::queryId).collect(Collectors.toSet());
    Map<Long, LoggedQuery> answers = new HashMap<>();
    LoggedQueries.each(
        database,
        application,
        query -> {
          if (judged.contains(query.queryId())) {
            answers.put(query.queryId(), query);
          }
        });
    return of(application, lessons, answers, loss);
  }

  /** @param answers by query id */
  static StoreRecording of(String application, List<Lesson> lessons, Map<Long, LoggedQuery> answers, Loss loss) {
    List<Joined> joined = new ArrayList<>();
    for (Lesson lesson : lessons) {
      LoggedQuery query = answers.get(lesson.queryId());
      if (query != null) {
        joined.add(new Joined(lesson, query));
      }
    }
    List<ModelId> models = List.of();
    for (Joined one : joined) {
      models = one.losses().keySet().containsAll(one.query().candidates()) ? one.query().candidates() : models;
    }
    List<Query> queries = new ArrayList<>();
    for (Joined one : joined) {
      if (!models.isEmpty() && one.losses().keySet().containsAll(models)) {
        queries.add(query(one, models, loss));
      }
    }
    int withoutAnswers = lessons.size() - joined.size();
    int partial = joined.size() - queries.size();
    if (queries.isEmpty()) {
      throw new IllegalArgumentException(
          ("nothing to replay of '%s': the journal has %d pieces of feedback, the prediction log has not the queries of %d of them, and %d do not"
                  + " judge all models")
              .formatted(application, lessons.size(), withoutAnswers, partial));
    }
    return new StoreRecording(new Recording(models, queries), lessons.size(), withoutAnswers, partial);
  }

  private static Query query(Joined joined, List<ModelId> models, Loss loss) {
    Map<ModelId, Output> inTime = new HashMap<>();
    for (Asked asked : joined.query().asked()) {
      if (asked.outcome() instanceof Gave gave && !gave.late()) {
        inTime.put(asked.model(), gave.output());
      }
    }
    List<Optional<Output>> outputs = models.stream().map(model -> Optional.ofNullable(inTime.get(model))).toList();
    return new Query(outputs, truth(joined, inTime, models, loss));
  }

  /** The label where it was kept or follows from who was right, else what each has lost. */
  private static Truth truth(Joined joined, Map<ModelId, Output> inTime, List<ModelId> models, Loss loss) {
    Optional<Taught> taught = joined.lesson().taught();
    if (taught.isPresent()) {
      return new Truth.Label(taught.get().said().label());
    }
    Map<ModelId, Double> losses = joined.losses();
    if (!loss.equals(Loss.ZERO_ONE)) {
      return new Truth.Losses(models.stream().map(losses::get).toList());
    }
    String label = NOBODYS;
    for (Map.Entry<ModelId, Output> answer : inTime.entrySet()) {
      double lost = losses.getOrDefault(answer.getKey(), 1.0);
      if (lost != 0 && lost != 1) {
        throw new IllegalArgumentException("an answer of %s lost %s, which no zero-one loss says: name the application's by --loss".formatted(answer.getKey(), lost));
      }
      label = lost == 0 ? answer.getValue().label().orElse(label) : label;
    }
    return new Truth.Label(label);
  }
}
