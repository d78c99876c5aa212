package io.clipper.node.replay;

import io.clipper.application.Lesson;
import io.clipper.application.RecordedLessons;
import io.clipper.feedback.LoggedQueries;
import io.clipper.feedback.LoggedQuery;
import io.clipper.storage.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a store still has of an application's feedback: the lessons of the journal, each beside the query of the prediction log that it
 * judges.
 *
 * @param lessons how many the journal has
 * @param joined those of which the query is still in the prediction log, in the order of the journal
 */
public record RecordedFeedback(String application, int lessons, List<Joined> joined) {
  /** A lesson beside what it was about. */
  public record Joined(Lesson lesson, LoggedQuery query) {}

  public RecordedFeedback {
    joined = List.copyOf(joined);
  }

  public static RecordedFeedback of(Database database, String application) throws SQLException {
    List<Lesson> lessons = RecordedLessons.of(database, application);
    Set<Long> judged = lessons.stream().map(Lesson::queryId).collect(Collectors.toSet());
    Map<Long, LoggedQuery> queries = new HashMap<>();
    LoggedQueries.each(
        database,
        application,
        query -> {
          if (judged.contains(query.queryId())) {
            queries.put(query.queryId(), query);
          }
        });
    return of(application, lessons, queries);
  }

  /** @param queries by their ids */
  static RecordedFeedback of(String application, List<Lesson> lessons, Map<Long, LoggedQuery> queries) {
    List<Joined> joined = new ArrayList<>();
    for (Lesson lesson : lessons) {
      LoggedQuery query = queries.get(lesson.queryId());
      if (query != null) {
        joined.add(new Joined(lesson, query));
      }
    }
    return new RecordedFeedback(application, lessons.size(), joined);
  }

  /** How many lessons are about a query that is not in the prediction log any more. */
  public int withoutQuery() {
    return lessons - joined.size();
  }
}
