package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.catalog.LearningSettings;
import io.clipper.context.ContextSettings;
import io.clipper.selection.Learner;
import io.clipper.storage.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.SnapshotMeta;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.testkit.javadsl.SnapshotTestKit;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A snapshot as it was written when contexts were part of it: anna and bert have four observations each, the application twelve. */
class ContextsInOldSnapshotsTest {
  private static final ContextSettings FEW = new ContextSettings(10_000, Duration.ofMillis(100), Duration.ofSeconds(10), 100_000);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void whatContextsLearnedMovesIntoRows(TestDatabase kind) throws IOException {
    ActorTestKit kit = kit(kind.fresh(directory));
    Ledger old = old(kit);
    SnapshotTestKit.create(kit.system()).persistForRecovery("ledger|shop/0", List.of(Pair.<SnapshotMeta, Object>create(SnapshotMeta.create(0), old)));
    PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    try (LoopOnADatabase node = new LoopOnADatabase(kit, FEW, LearningSettings.DEFAULT)) {
      assertThat(node.state("anna").observations()).isEqualTo(4);
      node.label(node.predict("anna"), "1");
      assertThat(node.state("anna").observations()).isEqualTo(5);
      assertThat(node.state("bert").observations()).isEqualTo(4);
      kit.createTestProbe()
          .awaitAssert(
              Duration.ofSeconds(20),
              () -> assertThat(journal.persistedInStorage("ledger|shop/0")).contains(new LedgerEvent.ContextsWritten(1)));
    }
  }

  @Test
  void itIsReadAsItWasAndWrittenWithoutThemWhenTheyAreInRows() throws IOException {
    ActorTestKit kit = ActorTestKit.create();
    try {
      Ledger old = old(kit);

      assertThat(old.learner().observations()).isEqualTo(12);
      assertThat(old.contexts().asMap()).containsOnlyKeys("anna", "bert");
      assertThat(old.contexts().asMap().values()).extracting(Learner::observations).containsOnly(4L);
      assertThat(old.after(new LedgerEvent.ContextsWritten(0)).contexts()).isEqualTo(ContextLearners.NONE);
    } finally {
      kit.shutdownTestKit();
    }
  }

  private static Ledger old(ActorTestKit kit) throws IOException {
    try (InputStream file = Objects.requireNonNull(ContextsInOldSnapshotsTest.class.getResourceAsStream("ledger-with-contexts.cbor"))) {
      return SerializationExtension.get(kit.system()).deserialize(file.readAllBytes(), Ledger.class).get();
    }
  }

  private static ActorTestKit kit(String url) {
    Config inMemory = PersistenceTestKitPlugin.getInstance().config().withFallback(PersistenceTestKitSnapshotPlugin.config());
    return ActorTestKit.create(inMemory.withFallback(TestDatabase.config(url)).withFallback(ConfigFactory.load()));
  }
}
