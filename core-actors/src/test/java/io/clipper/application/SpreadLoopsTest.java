package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.LearnedState.PartitionState;
import io.clipper.catalog.LearningSettings;
import io.clipper.context.ContextSettings;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Partitions of one application that tell each other what they learn, each with a ledger of its own on a database. */
class SpreadLoopsTest {
  private static final ContextSettings KEPT = new ContextSettings(1 << 20, Duration.ofMillis(100), Duration.ofSeconds(10), 100_000);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void eachLearnsOnItsOwnAndChoosesByWhatAllHaveLearned(TestDatabase kind) {
    String url = kind.fresh(directory);
    List<Prediction> judged = new ArrayList<>();
    try (LoopOnADatabase node = new LoopOnADatabase(url, KEPT, spread())) {
      learn(node, 1, 30, judged);
      learn(node, 2, 10, judged);
      awaitObservations(node, 2, 40);
      awaitObservations(node, 1, 40);

      assertThat(node.state().partitions()).containsExactly(new PartitionState(1, "node", 30), new PartitionState(2, "node", 10));
      assertThat(node.state().candidates().getFirst().observations()).isEqualTo(40);
      assertThat(node.predict().queryId() % QueryIds.PARTITIONS).isEqualTo(1);

      // One that nobody has asked anything knows as much, and weighs alike.
      awaitObservations(node, 3, 40);
      assertThat(node.state().candidates().getFirst().weight()).isGreaterThan(0.9);
    }
    try (LoopOnADatabase node = new LoopOnADatabase(url, KEPT, spread())) {
      node.ask(1);
      assertThat(node.state().observations()).as("its own, before it hears of others").isEqualTo(30);
      node.ask(2);
      assertThat(node.state().observations()).as("never less than its own").isBetween(10L, 40L);
      awaitObservations(node, 1, 40);
      awaitObservations(node, 2, 40);
      for (Prediction prediction : judged) {
        node.ask(QueryIds.partitionOf(prediction.queryId()));
        assertThat(node.label(prediction, "1").getValue().observed()).as("counted once").isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsToldTwiceOrLateChangesNothing(TestDatabase kind) {
    try (LoopOnADatabase node = new LoopOnADatabase(kind.fresh(directory), KEPT, spread())) {
      learn(node, 1, 10, new ArrayList<>());
      awaitObservations(node, 2, 10);
      Ledger early = node.heard().of("shop/1");
      learn(node, 1, 5, new ArrayList<>());
      awaitObservations(node, 2, 15);
      Ledger latest = node.heard().of("shop/1");
      LearnedState before = node.state();

      node.heard().put("shop/1", "a node that it has left", early);
      node.heard().put("shop/1", "node", latest);

      assertThat(node.state()).isEqualTo(before);
      assertThat(node.heard().of("shop/1")).isEqualTo(latest);
    }
  }

  private static void learn(LoopOnADatabase node, int partition, int times, List<Prediction> judged) {
    node.ask(partition);
    for (int i = 0; i < times; i++) {
      Prediction prediction = node.predict();
      assertThat(node.label(prediction, "1").getValue().observed()).isTrue();
      judged.add(prediction);
    }
  }

  private static void awaitObservations(LoopOnADatabase node, int partition, long count) {
    node.ask(partition);
    Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(node.state().observations()).isEqualTo(count));
  }

  private static LearningSettings spread() {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        Optional.of("exp4"), Map.of("eta", 0.3), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), "every-node", d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
  }
}
