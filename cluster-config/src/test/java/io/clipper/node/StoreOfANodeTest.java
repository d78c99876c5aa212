package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.Feedback;
import io.clipper.application.LearnedState;
import io.clipper.application.Query;
import io.clipper.backup.Backup;
import io.clipper.backup.EmptyStore;
import io.clipper.backup.Store;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.model.Input;
import io.clipper.model.Tensor;
import io.clipper.node.replay.RecordedFeedback;
import io.clipper.node.replay.StoreRecording;
import io.clipper.storage.Schema;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node kept, somewhere else. */
class StoreOfANodeTest {
  /** All models answer it, also those of a node that has just started. */
  private static final Query BLANK =
      new Query("digits", Input.of(Tensor.ofFloats(new float[64])), Optional.empty(), Optional.of(Duration.ofSeconds(20)), Optional.empty());

  @TempDir private Path folder;

  @Test
  void aRestoredNodeGoesOnWhereTheOtherWasBackedUp() {
    Path old = folder.resolve("old");
    Path restored = folder.resolve("restored");
    LearnedState learned;
    long unjudged;
    try (ClipperNode node = TestNodes.start(old)) {
      for (int i = 0; i < 5; i++) {
        observe(node, predict(node));
      }
      unjudged = predict(node);
      learned = state(node);
    }
    try (Store kept = Store.kept(old)) {
      Backup.write(kept, folder.resolve("backup"));
    }
    Backup.restore(folder.resolve("backup"), EmptyStore.in(restored));

    try (ClipperNode node = TestNodes.start(restored)) {
      assertThat(state(node)).isEqualTo(learned);
      assertThat(predict(node)).as("no id is given twice").isGreaterThan(unjudged);
      assertThat(observe(node, unjudged).models()).as("joined by the prediction log").isEqualTo(5);
    }
  }

  @Test
  void whatItWasTaughtIsReplayedFromItsStore() throws SQLException {
    try (ClipperNode node = TestNodes.start(folder)) {
      for (int i = 0; i < 5; i++) {
        observe(node, predict(node));
      }
      predict(node);
    }

    try (Store kept = Store.kept(folder)) {
      StoreRecording recorded = StoreRecording.of(RecordedFeedback.of(kept.database(), "digits"));

      assertThat(recorded.recording().models()).hasSize(5);
      assertThat(recorded.recording().queries())
          .hasSize(5)
          .allSatisfy(
              query -> {
                assertThat(query.outcomes()).allMatch(Gave.class::isInstance);
                assertThat(query.label()).isEqualTo("1");
              });
    }
  }

  /** What a backup takes is what the schema names: a table that somebody makes beside it would be lost. */
  @Test
  void aNodeKeepsNothingBesideTheSchema() throws SQLException {
    try (ClipperNode node = TestNodes.start(folder)) {
      observe(node, predict(node));
    }

    TreeSet<String> tables = new TreeSet<>();
    try (var connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("clipper"), "sa", "");
        ResultSet found = connection.getMetaData().getTables(null, "PUBLIC", null, new String[] {"BASE TABLE"})) {
      while (found.next()) {
        tables.add(found.getString("TABLE_NAME").toLowerCase(Locale.ROOT));
      }
    }
    assertThat(tables).containsExactlyElementsOf(new TreeSet<>(Schema.tableNames()));
  }

  private static LearnedState state(ClipperNode node) {
    return node.serving().applications().state("digits", Optional.empty()).toCompletableFuture().join();
  }

  private static long predict(ClipperNode node) {
    return node.serving().applications().predict(BLANK).toCompletableFuture().join().queryId();
  }

  private static Feedback.Receipt observe(ClipperNode node, long queryId) {
    return node.serving()
        .applications()
        .observe(new Feedback("digits", new Feedback.OfQuery(queryId), new Feedback.Label("1"), Optional.empty(), Optional.empty()))
        .toCompletableFuture()
        .join();
  }
}
