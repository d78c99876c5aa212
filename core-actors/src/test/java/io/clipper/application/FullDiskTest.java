package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.clipper.catalog.LearningSettings;
import io.clipper.context.ContextSettings;
import io.clipper.storage.FullDisk;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A loop whose disk is full for a while: it predicts on, and what it refused counts once when it is sent again. */
class FullDiskTest {
  private static final ContextSettings CONTEXTS = new ContextSettings(10_000, Duration.ofMillis(100), Duration.ofSeconds(10), 100_000);
  private static final int ROUNDS = 3;

  /** A ledger tries again after five seconds at most. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final List<String> answers = new ArrayList<>();

  @TempDir private Path directory;

  @AfterEach
  void makeRoom() {
    FullDisk.makeRoom();
  }

  @Test
  void feedbackIsTakenAgainWhenThereIsRoomAndCountsOnceThen() {
    String url = FullDisk.url(directory);
    ActorTestKit kit = ActorTestKit.create(TestDatabase.config(url).withFallback(ConfigFactory.load()));
    try (LoopOnADatabase loop = new LoopOnADatabase(kit, CONTEXTS, LearningSettings.DEFAULT, Duration.ofSeconds(1))) {
      assertThat(isTaken(loop, loop.predict())).isTrue();
      for (int round = 1; round <= ROUNDS; round++) {
        FullDisk.fill();
        Prediction prediction = loop.predict();
        assertThat(prediction.defaultReason()).isEmpty();
        assertThat(isTaken(loop, prediction)).isFalse();

        FullDisk.makeRoom();
        await().atMost(PATIENCE).until(() -> isTaken(loop, prediction));
        assertThat(loop.state().observations()).as("round %d: %s", round, answers).isEqualTo(1 + round);
      }
    }
    try (LoopOnADatabase again = new LoopOnADatabase(url, CONTEXTS, LearningSettings.DEFAULT)) {
      assertThat(again.state().observations()).as("%s", answers).isEqualTo(1 + ROUNDS);
    }
  }

  private boolean isTaken(LoopOnADatabase loop, Prediction prediction) {
    StatusReply<Feedback.Receipt> reply = loop.label(prediction, "1");
    answers.add(reply.toString());
    return reply.isSuccess();
  }
}
