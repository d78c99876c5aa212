package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import io.clipper.storage.Database;
import io.clipper.storage.Storage;
import io.clipper.storage.SwallowingProxy;
import io.clipper.storage.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerOnADatabaseTest {
  private static final List<ModelId> MODELS = List.of(new ModelId("a", "1"), new ModelId("b", "1"));
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A database that is silent is taken for gone after ten seconds. */
  private static final Duration UNTIL_IT_IS_GONE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void whatWasLearnedIsTheSameAfterARestart(TestDatabase kind) {
    String url = kind.fresh(directory);
    Ledger before = keep(url, 20);

    assertThat(keep(url, 0)).isEqualTo(before);
    assertThat(before.learner().observations()).isEqualTo(20);
  }

  /** A thousand events make a snapshot, and what is two snapshots old goes. */
  @ParameterizedTest
  @EnumSource
  void itIsTheSameFromASnapshotAndTheJournalStaysShort(TestDatabase kind) {
    String url = kind.fresh(directory);
    Ledger before = keep(url, 3100, probe -> probe.awaitAssert(PATIENCE, () -> assertThat(rows(url, kind)).isLessThan(2200)));

    assertThat(keep(url, 0)).isEqualTo(before);
  }

  /** A node that stood still while others went on: the numbers that it would write under are free again, as a snapshot has taken their place. */
  @Test
  void whoGoesOnWhereOthersHaveBeenKeepsNothingAndLearnsWhatTheyKept() {
    String url = TestDatabase.POSTGRESQL.fresh(directory);
    ActorTestKit stopped = ActorTestKit.create(TestDatabase.config(url).withFallback(ConfigFactory.load()));
    try {
      Storage.prepare(stopped.system());
      TestProbe<LedgerActor.Kept> kept = stopped.createTestProbe();
      ActorRef<LedgerActor.Command> ledger = stopped.spawn(LedgerActor.create("digits", 3));
      ledger.tell(new LedgerActor.Keep(0, List.of(), kept.getRef()));
      kept.receiveMessage(PATIENCE);
      Ledger others = keep(url, 3100, probe -> probe.awaitAssert(PATIENCE, () -> assertThat(rows(url, TestDatabase.POSTGRESQL)).isLessThan(2200)));

      ledger.tell(new LedgerActor.Keep(1, List.of(new LedgerEvent.Learned(List.of(lesson(4000)))), kept.getRef()));
      ledger.tell(new LedgerActor.Keep(2, List.of(), kept.getRef()));

      LedgerActor.Kept answer = kept.receiveMessage(PATIENCE);
      assertThat(answer.number()).isEqualTo(2);
      assertThat(answer.ledger()).isEqualTo(others);
    } finally {
      stopped.shutdownTestKit();
    }
  }

  /** As when a database's host is gone, and another has its address. */
  @Test
  void connectionsThatDieWithoutAWordCostNoMoreThanAWhile() throws IOException {
    try (SwallowingProxy proxy = new SwallowingProxy(TestDatabase.POSTGRESQL.fresh(directory))) {
      Config soon =
          ConfigFactory.parseMap(
              Map.of("jdbc-journal.circuit-breaker.reset-timeout", "100ms", "jdbc-snapshot-store.circuit-breaker.reset-timeout", "100ms"));
      Config config = soon.withFallback(TestDatabase.config(proxy.url())).withFallback(ConfigFactory.load());
      ActorTestKit node = ActorTestKit.create(config);
      try {
        Database database = Storage.prepare(node.system());
        TestProbe<LedgerActor.Kept> kept = node.createTestProbe();
        ActorRef<LedgerActor.Command> ledger = node.spawn(LedgerActor.create("digits", 3));
        ledger.tell(new LedgerActor.Keep(0, List.of(new LedgerEvent.Learned(List.of(lesson(1)))), kept.getRef()));
        Ledger before = kept.receiveMessage(PATIENCE).ledger();

        proxy.swallow();
        ledger.tell(new LedgerActor.Keep(1, List.of(new LedgerEvent.Learned(List.of(lesson(2)))), kept.getRef()));
        ledger.tell(new LedgerActor.Keep(2, List.of(), kept.getRef()));

        LedgerActor.Kept answer = kept.receiveMessage(UNTIL_IT_IS_GONE);
        assertThat(answer).isEqualTo(new LedgerActor.Kept(2, before));
        await().atMost(UNTIL_IT_IS_GONE).ignoreExceptionsInstanceOf(SQLException.class).until(() -> database.<Boolean>inTransaction(connection -> connection.isValid(1)));
      } finally {
        node.shutdownTestKit();
      }
    }
  }

  /** Starts a node on that database, teaches it, and stops it. */
  private static Ledger keep(String url, int lessons) {
    return keep(url, lessons, kept -> {});
  }

  /** @param beforeTheEnd what is old is deleted when a snapshot is there, which no answer tells */
  private static Ledger keep(String url, int lessons, Consumer<TestProbe<LedgerActor.Kept>> beforeTheEnd) {
    ActorTestKit node = ActorTestKit.create(TestDatabase.config(url).withFallback(ConfigFactory.load()));
    Database database = Storage.prepare(node.system());
    try {
      TestProbe<LedgerActor.Kept> kept = node.createTestProbe();
      ActorRef<LedgerActor.Command> ledger = node.spawn(LedgerActor.create("digits", 3));
      ledger.tell(new LedgerActor.Keep(0, List.of(), kept.getRef()));
      Ledger known = kept.receiveMessage(PATIENCE).ledger();
      if (lessons > 0) {
        ledger.tell(
            new LedgerActor.Keep(
                1, List.of(new LedgerEvent.PolicyChanged(new PolicySettings("exp4", Map.of())), new LedgerEvent.Admitted(MODELS, List.of())), kept.getRef()));
        kept.receiveMessage(PATIENCE);
      }
      for (int i = 0; i < lessons; i++) {
        ledger.tell(new LedgerActor.Keep(2 + i, List.of(new LedgerEvent.Learned(List.of(lesson(i)))), kept.getRef()));
      }
      for (int i = 0; i < lessons; i++) {
        known = kept.receiveMessage(PATIENCE).ledger();
      }
      beforeTheEnd.accept(kept);
      return known;
    } finally {
      node.shutdownTestKit();
      database.closed().toCompletableFuture().join();
    }
  }

  private static Lesson lesson(int number) {
    List<Judged> judged = MODELS.stream().map(model -> new Judged(model, (number + MODELS.indexOf(model)) % 3 / 3.0, 1)).toList();
    return new Lesson(number * 1024L, Optional.empty(), Optional.of("feedback-" + number), new Observation(judged, MODELS));
  }

  private static int rows(String url, TestDatabase kind) {
    String journal = kind == TestDatabase.H2 ? "\"event_journal\"" : "event_journal";
    try (Connection connection = kind == TestDatabase.H2 ? DriverManager.getConnection(url, "sa", "") : DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM " + journal)) {
      count.next();
      return count.getInt(1);
    } catch (SQLException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
