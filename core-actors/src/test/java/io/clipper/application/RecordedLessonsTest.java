package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.LearningSettings;
import io.clipper.context.ContextSettings;
import io.clipper.feedback.LoggedQueries;
import io.clipper.feedback.LoggedQuery;
import io.clipper.selection.Observation.Judged;
import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordedLessonsTest {
  private static final ContextSettings CONTEXTS = new ContextSettings(1 << 20, Duration.ofMillis(1), Duration.ofSeconds(5), 1_000);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void whatANodeWasTaughtAndWhatItHadAnsweredIsReadWithoutIt(TestDatabase kind) throws SQLException {
    String url = kind.fresh(directory);
    List<Long> taught = new ArrayList<>();
    try (LoopOnADatabase loop = new LoopOnADatabase(url, CONTEXTS, LearningSettings.DEFAULT)) {
      for (int query = 0; query < 3; query++) {
        Prediction prediction = loop.predict("ann");
        assertThat(loop.label(prediction, "2").isSuccess()).isTrue();
        taught.add(prediction.queryId());
      }
    }

    try (Database database = Database.at(url)) {
      List<Lesson> lessons = RecordedLessons.of(database, "shop");
      List<LoggedQuery> logged = new ArrayList<>();
      LoggedQueries.each(database, "shop", logged::add);

      assertThat(lessons).extracting(Lesson::queryId).containsExactlyElementsOf(taught);
      assertThat(lessons).extracting(Lesson::label).containsOnly(Optional.of("2"));
      assertThat(lessons.getFirst().observation().judged())
          .containsExactly(new Judged(LoopOnADatabase.MODELS.getFirst(), 1, 1), new Judged(LoopOnADatabase.MODELS.getLast(), 0, 1));
      assertThat(logged).extracting(LoggedQuery::queryId).containsExactlyElementsOf(taught);
      assertThat(RecordedLessons.of(database, "sho")).isEmpty();
    }
  }
}
