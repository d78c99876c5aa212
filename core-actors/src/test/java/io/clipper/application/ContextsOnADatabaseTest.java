package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.LearningSettings;
import io.clipper.certainty.Certainty;
import io.clipper.context.ContextSettings;
import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many contexts in a memory for a few, on a node that ends at random moments without a word and starts again on its database. */
class ContextsOnADatabaseTest {
  private static final int CONTEXTS = 60;
  private static final int LIVES = 8;

  /** Of its context's row a query may wait for as long as it takes: the test is about what is read, not how soon. */
  private static final ContextSettings FEW = new ContextSettings(10_000, Duration.ofMillis(100), Duration.ofSeconds(10), 100_000);

  private static final ContextSettings IMPATIENT = new ContextSettings(10_000, Duration.ofMillis(100), Duration.ofMillis(4), 100_000);
  private static final ContextSettings NARROW = new ContextSettings(10_000, Duration.ofHours(1), Duration.ofSeconds(10), 3);

  /** What is in no row is refused soon, and is in its row soon. */
  private static final ContextSettings FEW_AND_NARROW = new ContextSettings(10_000, Duration.ofMillis(100), Duration.ofSeconds(10), 3);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void noAcknowledgedFeedbackIsLostAndNoneCountsTwice(TestDatabase kind) {
    String url = kind.fresh(directory);
    Random random = new Random(4);
    Map<String, Integer> acknowledged = new HashMap<>();
    for (int life = 0; life < LIVES; life++) {
      try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, LearningSettings.DEFAULT)) {
        int lessons = random.nextInt(40, 160);
        for (int i = 0; i < lessons; i++) {
          String context = context(random.nextInt(CONTEXTS));
          assertThat(node.label(node.predict(context), "1").getValue().observed()).isTrue();
          acknowledged.merge(context, 1, Integer::sum);
        }
      }
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, LearningSettings.DEFAULT)) {
      for (int i = 0; i < CONTEXTS; i++) {
        int expected = acknowledged.getOrDefault(context(i), 0);
        assertThat(node.state(context(i)).observations()).as(context(i)).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aContextThatIsNotBackInTimeIsAnsweredFromItsPriorWhichTheAnswerSays(TestDatabase kind) throws SQLException {
    String url = kind.fresh(directory);
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, LearningSettings.DEFAULT)) {
      Prediction first = node.predict("anna");
      assertThat(first.contextUnread()).isFalse();
      node.label(first, "1");
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, IMPATIENT, LearningSettings.DEFAULT)) {
      node.predict("bert");
      Connection held = kind.holding(url, "context");
      Prediction unread = node.predict("carl");
      held.close();

      assertThat(unread.contextUnread()).isTrue();
      assertThat(unread.isDefault()).isFalse();
      assertThat(node.state("anna").observations()).isEqualTo(1);
      assertThat(node.predict("anna").contextUnread()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whereTheContextsStoreIsGoneTheAnswerIsFromThePriorAndNothingAcknowledgedIsLost(TestDatabase kind) throws SQLException {
    String url = kind.fresh(directory);
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, LearningSettings.DEFAULT)) {
      assertThat(node.label(node.predict("anna"), "1").getValue().observed()).isTrue();
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, LearningSettings.DEFAULT);
        Database other = Database.at(url)) {
      node.predict("bert");
      TestDatabase.run(other, "ALTER TABLE context RENAME TO context_elsewhere;\n");
      Prediction unread = node.predict("carl");
      assertThat(node.label(unread, "1").getValue().observed()).isTrue();
      TestDatabase.run(other, "ALTER TABLE context_elsewhere RENAME TO context;\n");

      assertThat(unread.contextUnread()).isTrue();
      assertThat(unread.isDefault()).isFalse();
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, LearningSettings.DEFAULT)) {
      assertThat(node.state("anna").observations()).isEqualTo(1);
      assertThat(node.state("carl").observations()).isEqualTo(1);
      assertThat(node.predict("carl").contextUnread()).isFalse();
    }
  }

  /** Anna's labels are now one, now the other, bert's always the same and many: what holds nine in ten of all holds half of hers. */
  @ParameterizedTest
  @EnumSource
  void aContextHasAThresholdOfItsOwnAndKeepsItAcrossARestart(TestDatabase kind) {
    String url = kind.fresh(directory);
    LearningSettings sure = sure(new CertaintySettings(Optional.of(0.9), "none", "none"));
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, sure)) {
      for (int i = 0; i < 40; i++) {
        node.label(node.predict("anna"), i % 2 == 0 ? "1" : "2");
        for (int j = 0; j < 12; j++) {
          node.label(node.predict("bert"), "1");
        }
      }
      assertThat(set(node.predict("bert"))).containsExactly("1");
      assertThat(set(node.predict("anna"))).containsExactlyInAnyOrder("1", "2");
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, sure)) {
      assertThat(set(node.predict("anna"))).containsExactlyInAnyOrder("1", "2");
      assertThat(set(node.predict("bert"))).containsExactly("1");
    }
  }

  /** As earlier versions took them: they are in ledgers and in the prediction log. */
  @ParameterizedTest
  @EnumSource
  void aContextWhoseNameNoDatabaseKeepsHoldsUpNoOther(TestDatabase kind) {
    String url = kind.fresh(directory);
    try (LoopOnADatabase node = new LoopOnADatabase(url, NARROW, LearningSettings.DEFAULT)) {
      assertThat(node.predict("a\u0000").contextUnread()).isTrue();
      assertThat(node.predict("anna").contextUnread()).isFalse();
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW_AND_NARROW, LearningSettings.DEFAULT)) {
      for (int i = 0; i < 10; i++) {
        Prediction unnamed = node.predict("a\u0000");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(node.label(unnamed, "1").isSuccess()).isTrue());
      }
      Prediction berts = node.predict("bert");
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(node.label(berts, "1").isSuccess()).isTrue());
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, FEW, LearningSettings.DEFAULT)) {
      assertThat(node.predict("bert").contextUnread()).isFalse();
      assertThat(node.state("bert").observations()).isEqualTo(1);
      assertThat(node.state().observations()).isEqualTo(11);
    }
  }

  @ParameterizedTest
  @EnumSource
  void feedbackThatCanBeInNoRowIsRefusedAtABound(TestDatabase kind) {
    try (LoopOnADatabase node = new LoopOnADatabase(kind.fresh(directory), NARROW, LearningSettings.DEFAULT)) {
      for (int i = 0; i < 3; i++) {
        assertThat(node.label(node.predict("anna"), "1").isSuccess()).isTrue();
      }

      assertThat(node.label(node.predict("anna"), "1").isError()).isTrue();
      assertThat(node.state("anna").observations()).isEqualTo(3);
    }
  }

  private static List<String> set(Prediction prediction) {
    return ((Certainty.PredictionSet) prediction.certainty().orElseThrow()).classes();
  }

  private static LearningSettings sure(CertaintySettings certainty) {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        d.policy(), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), d.partitions(), d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), certainty);
  }

  private static String context(int number) {
    return "00000000-0000-0000-0000-%012d".formatted(number);
  }
}
