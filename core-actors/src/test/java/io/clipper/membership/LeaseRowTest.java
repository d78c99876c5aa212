package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseRowTest {
  private static final Duration TERM = Duration.ofSeconds(15);

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void oneHasItUntilItGivesItBackOrItsTermIsOver(TestDatabase kind) throws SQLException {
    try (Database database = prepared(kind)) {
      LeaseRow row = new LeaseRow(database, "split", TERM);

      assertThat(row.take("a")).isTrue();
      assertThat(row.take("a")).as("again").isTrue();
      assertThat(row.take("b")).isFalse();
      assertThat(row.release("b")).as("another's").isFalse();
      assertThat(row.take("b")).isFalse();

      assertThat(row.release("a")).isTrue();
      assertThat(row.take("b")).isTrue();
      TestDatabase.run(database, "UPDATE clipper_lease SET taken_at = CURRENT_TIMESTAMP - INTERVAL '16' SECOND;\n");
      assertThat(row.take("a")).as("after its term").isTrue();
      assertThat(row.take("b")).isFalse();
    }
  }

  /** However late the smaller side of a split asks, the larger has removed it. */
  @ParameterizedTest
  @EnumSource
  void whoIsNoMemberAnyMoreDoesNotGetItThoughItIsFree(TestDatabase kind) throws SQLException {
    try (Database database = prepared(kind)) {
      LeaseRow row = new LeaseRow(database, "split", TERM);
      MemberBook book = new MemberBook(database);
      book.write(Set.of("a:1", "b:2"), Set.of());

      assertThat(row.takeAsMember("clipper@a:1", "a:1")).isTrue();
      book.write(Set.of(), Set.of("b:2"));
      TestDatabase.run(database, "UPDATE clipper_lease SET taken_at = CURRENT_TIMESTAMP - INTERVAL '16' SECOND;\n");

      assertThat(row.takeAsMember("clipper@b:2", "b:2")).isFalse();
      assertThat(row.takeAsMember("clipper@a:1", "a:1")).as("a member's second decision").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofTwoSidesThatAskAtOnceOneGetsIt(TestDatabase kind) throws Exception {
    try (Database database = prepared(kind);
        ExecutorService sides = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 20; round++) {
        LeaseRow row = new LeaseRow(database, "split-" + round, TERM);
        List<Callable<Boolean>> asking = List.of(() -> took(row, "a"), () -> took(row, "b"));
        List<Boolean> granted = new ArrayList<>();
        for (Future<Boolean> answer : sides.invokeAll(asking)) {
          granted.add(answer.get());
        }
        assertThat(granted).as("round %d", round).containsOnlyOnce(true);
      }
    }
  }

  /** Whose first row collides is not granted it: the other's is there. */
  private static boolean took(LeaseRow row, String owner) {
    try {
      return row.take(owner);
    } catch (SQLException collided) {
      return false;
    }
  }

  private Database prepared(TestDatabase kind) {
    Database database = Database.at(kind.fresh(folder));
    Schema.prepare(database);
    return database;
  }
}
