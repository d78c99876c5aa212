package io.clipper.catalog;

import static io.clipper.catalog.CatalogExamples.add;
import static io.clipper.catalog.CatalogExamples.application;
import static io.clipper.catalog.CatalogExamples.link;
import static io.clipper.catalog.CatalogExamples.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.storage.Storage;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole of it, over a database. */
class CatalogViewTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void theCatalogIsTheSameAfterARestartAlsoFromASnapshot(TestDatabase kind) throws Exception {
    Config storage = TestDatabase.config(kind.fresh(directory));
    Catalog before;
    try (OneNode node = OneNode.start(storage)) {
      OneNode.await(node.view.change(add(version("m", "2", "doubles"))));
      OneNode.await(node.view.change(add(version("n", "3", "doubles"))));
      OneNode.await(node.view.change(add(application("a", "doubles"))));
      for (int i = 0; i < 110; i++) {
        OneNode.await(node.view.change(new CatalogChange.SetReplicas("m", i + 2)));
      }
      before = OneNode.await(node.view.change(link("a", "m", "n")));
    }

    try (OneNode node = OneNode.start(storage)) {
      assertThat(OneNode.await(node.view.loaded())).isEqualTo(before);
      assertThat(before.revision()).isEqualTo(114);
      assertThat(before.model("m").orElseThrow().replicas()).isEqualTo(111);
    }
  }

  @Test
  void aChangeIsSeenOnItsNodeOnceItIsDone() throws Exception {
    try (OneNode node = OneNode.start(Storage.inMemory("seen"))) {
      TestProbe<CatalogChanged> subscriber = TestProbe.create(node.system);
      node.view.subscribe(subscriber.getRef());

      Catalog changed = OneNode.await(node.view.change(add(application("a", "doubles"))));

      assertThat(node.view.current().revision()).isEqualTo(changed.revision()).isEqualTo(1);
      assertThat(subscriber.fishForMessage(
              Duration.ofSeconds(60),
              told ->
                  told.catalog().equals(changed)
                      ? FishingOutcomes.complete()
                      : FishingOutcomes.continueAndIgnore()))
          .isNotEmpty();
      assertThatThrownBy(() -> OneNode.await(node.view.change(add(application("a", "doubles")))))
          .hasCauseInstanceOf(Refused.class)
          .hasMessageContaining("application 'a' already exists");
    }
  }

  @Test
  void aChangeThatNobodyAnswersIsRefusedInTime() {
    Config hasty = ConfigFactory.parseString("clipper.catalog.change-timeout = 100ms");
    try (OneNode node = OneNode.outsideACluster(hasty.withFallback(Storage.inMemory("hasty")))) {
      assertThatThrownBy(() -> OneNode.await(node.view.change(add(application("a", "doubles")))))
          .hasCause(
              new Refused(
                  Refused.Reason.UNAVAILABLE, "the catalog did not answer within 100 ms, as while it moves or its database is gone; the change may be made all the same"));
      assertThat(node.view.current()).isEqualTo(Catalog.EMPTY);
    }
  }
}
