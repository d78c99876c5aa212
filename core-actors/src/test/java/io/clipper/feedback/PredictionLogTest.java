package io.clipper.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class PredictionLogTest {
  private static final LogPart PART = new LogPart("digits", 0);
  private static final ModelId MODEL = new ModelId("m", "1");
  private static final PredictionLogSettings SETTINGS =
      new PredictionLogSettings(1 << 20, 1 << 20, 1 << 20, Duration.ofMillis(1), Duration.ofHours(1), 1 << 20);

  private final TestDatabase kind;
  private final String url;
  private final Database database;

  PredictionLogTest(TestDatabase kind, @TempDir Path directory) {
    this.kind = kind;
    this.url = kind.fresh(directory);
    this.database = TestDatabase.prepared(url);
  }

  @AfterEach
  void closeDatabase() {
    database.close();
  }

  @Test
  void whatWasAppendedIsFoundAfterARestart() throws Exception {
    try (PredictionLog log = open(SETTINGS)) {
      log.append(query(5));
    }

    try (PredictionLog log = open(SETTINGS)) {
      assertThat(found(log, 5)).contains(query(5));
      assertThat(found(log, 6)).isEmpty();
    }
  }

  @Test
  void whoWaitsUntilItIsWrittenFindsItByAnotherNodesLog() throws Exception {
    try (PredictionLog log = open(SETTINGS);
        PredictionLog another = open(SETTINGS)) {
      assertThat(log.written().toCompletableFuture()).as("nothing is on its way").isCompleted();
      log.append(query(5));

      log.written().toCompletableFuture().join();

      assertThat(found(another, 5)).contains(query(5));
    }
  }

  @Test
  void probabilitiesThatNobodyHasCountedAreWrittenAsTheyAreCounted() throws Exception {
    LoggedQuery uncounted = Uncounted.query(5);
    try (PredictionLog log = open(SETTINGS)) {
      log.append(uncounted);
      assertThat(found(log, 5)).contains(uncounted.known());
    }

    try (PredictionLog log = open(SETTINGS)) {
      assertThat(found(log, 5)).contains(uncounted.known());
    }
  }

  @Test
  void partitionsAreKeptApart() throws Exception {
    try (PredictionLog log = open(SETTINGS)) {
      log.append(query(1024));
      log.append(query(1));
    }

    try (PredictionLog log = open(SETTINGS)) {
      assertThat(found(log, 1024)).contains(query(1024));
      assertThat(found(log, 1)).contains(query(1));
    }
  }

  @Test
  void appendingDoesNotWaitForAStoreThatIsHeldAndWhatIsTooMuchIsCounted() throws Exception {
    PredictionLogSettings narrow = new PredictionLogSettings(1 << 20, 1 << 20, 2000, Duration.ofMillis(1), Duration.ofHours(1), 1 << 20);
    try (PredictionLog log = open(narrow);
        Connection held = kind.holding(url, "prediction_log")) {
      for (int i = 0; i < 100; i++) {
        log.append(query(i));
      }

      assertThat(held.isClosed()).isFalse();
      assertThat(log.dropped()).isPositive();
    }
  }

  /** Whether it waits to be written, is being written, or was written: feedback may come at any moment. */
  @Test
  void whatWasAppendedIsFoundAtOnceAndEverAfter() throws Exception {
    PredictionLogSettings unhurried = new PredictionLogSettings(1 << 20, 1 << 20, 1 << 20, Duration.ofMillis(20), Duration.ofHours(1), 1 << 20);
    try (PredictionLog log = open(unhurried)) {
      for (int i = 0; i < 2000; i++) {
        log.append(query(i));
        assertThat(found(log, i)).isPresent();
        assertThat(found(log, i / 2)).isPresent();
      }
    }
  }

  @Test
  void whatIsInMemoryIsFoundWhileTheStoreIsHeld() throws Exception {
    try (PredictionLog log = open(SETTINGS);
        Connection held = kind.holding(url, "prediction_log")) {
      log.append(query(7));

      assertThat(held.isClosed()).isFalse();
      assertThat(found(log, 7)).contains(query(7));
    }
  }

  /** Whoever asked has given up by then, and asks again. */
  @Test
  void whatWaitsTooLongIsNotLookedForAndWhatIsTooMuchIsRefusedAtOnce() throws Exception {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(0));
    try (PredictionLog log = PredictionLog.open(database, SETTINGS, 1024, now::get)) {
      List<CompletableFuture<Optional<LoggedQuery>>> finds;
      try (Connection held = kind.holding(url, "prediction_log")) {
        finds = IntStream.range(0, 20_000).mapToObj(query -> log.find("digits", query).toCompletableFuture()).toList();

        assertThat(held.isClosed()).isFalse();
        assertThat(finds.subList(10_001, 20_000)).allSatisfy(find -> assertThat(find).isCompletedExceptionally());
        assertThat(finds.subList(0, 10_000)).noneMatch(CompletableFuture::isDone);
        now.set(Instant.ofEpochSecond(11));
      }

      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> finds.stream().allMatch(CompletableFuture::isDone));
      assertThat(found(log, 7)).isEmpty();
      assertThat(finds.getFirst()).isCompletedWithValue(Optional.empty());
      assertThat(finds.subList(1, 20_000)).allSatisfy(find -> assertThat(find).isCompletedExceptionally());
    }
  }

  @Test
  void whatIsOlderThanTheLogKeepsIsDeleted() throws SQLException {
    LogStore store = new LogStore(database, SETTINGS, InstantSource.fixed(Instant.ofEpochSecond(0)));
    store.write(PART, LoggedGroup.of(List.of(query(0))));

    assertThat(new LogStore(database, SETTINGS, InstantSource.fixed(Instant.ofEpochSecond(7200))).trim()).isZero();

    assertThat(store.around(PART, 0)).isEmpty();
  }

  @Test
  void ofMoreBytesThanTheLogKeepsTheOldestIsDeletedAndCounted() throws SQLException {
    PredictionLogSettings small = new PredictionLogSettings(1 << 20, 1 << 20, 1 << 20, Duration.ofMillis(1), Duration.ofDays(1), 500);
    LogStore early = new LogStore(database, small, InstantSource.fixed(Instant.ofEpochSecond(1)));
    LoggedGroup oldest = LoggedGroup.of(List.of(query(0), query(1024), query(2048)));
    early.write(PART, oldest);
    LogStore later = new LogStore(database, small, InstantSource.fixed(Instant.ofEpochSecond(2)));
    later.write(PART, LoggedGroup.of(List.of(query(3072))));

    assertThat(later.trim()).isEqualTo(oldest.bytes().length);

    assertThat(later.around(PART, 0)).isEmpty();
    assertThat(later.around(PART, 3072)).hasSize(1);
  }

  private PredictionLog open(PredictionLogSettings settings) {
    return PredictionLog.open(database, settings, 1024, InstantSource.fixed(Instant.ofEpochSecond(0)));
  }

  private static Optional<LoggedQuery> found(PredictionLog log, long queryId) throws Exception {
    return log.find("digits", queryId).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static LoggedQuery query(long queryId) {
    return new LoggedQuery(
        "digits",
        queryId,
        Optional.empty(),
        List.of(new Asked(MODEL, 1, new Gave(Output.of("an answer that takes a hundred bytes or so, for the sake of the bounds on size"), false))),
        Optional.empty(),
        List.of(MODEL),
        List.of(MODEL));
  }
}
