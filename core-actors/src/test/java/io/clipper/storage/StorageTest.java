package io.clipper.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StorageTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void theTablesAreThereAndMakingThemAgainHarmsNothing(TestDatabase kind) throws SQLException {
    String url = kind.fresh(directory);
    try (Database database = Database.at(url)) {
      database.run("CREATE TABLE IF NOT EXISTS t (x INT);\nINSERT INTO t VALUES (7);\n");
    }

    try (Database database = Database.at(url)) {
      assertThat(database.<Integer>inTransaction(connection -> number(connection, "SELECT x FROM t"))).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @EnumSource
  void workThatFailsLeavesNothing(TestDatabase kind) throws SQLException {
    try (Database database = Database.at(kind.fresh(directory))) {
      database.run("CREATE TABLE t (x INT);\n");

      SQLException failed =
          catchThrowableOfType(SQLException.class, () -> database.run("INSERT INTO t VALUES (1);\nINSERT INTO nowhere VALUES (1);\n"));

      assertThat(failed.getMessage()).containsIgnoringCase("nowhere");
      assertThat(database.<Integer>inTransaction(connection -> number(connection, "SELECT count(*) FROM t"))).isZero();
    }
  }

  @Test
  void aSecondProcessOnTheSameDirectoryIsToldSoInOneLine() throws IOException, InterruptedException {
    Process first =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HoldsTheDirectory.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader says = first.inputReader()) {
      assertThat(says.readLine()).isEqualTo(HoldsTheDirectory.READY);

      Refused refused = catchThrowableOfType(Refused.class, () -> Database.in(directory));

      assertThat(refused.reason()).isEqualTo(Refused.Reason.CONFLICT);
      assertThat(refused)
          .hasMessage("the data directory %s is in use by another process: stop that one, or choose another directory by --data".formatted(directory));
    } finally {
      first.destroyForcibly();
      assertThat(first.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    Database.in(directory).close();
  }

  @Test
  void aDirectoryThatCannotBeIsRefusedByItsOption() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    Refused refused = catchThrowableOfType(Refused.class, () -> Storage.config(file.resolve("below"), Optional.empty()));

    assertThat(refused).hasMessageContaining("--data");
    assertThat(catchThrowableOfType(Refused.class, () -> Storage.config(directory.resolve("a;b"), Optional.empty())))
        .hasMessageContaining("--data");
  }

  @Test
  void aUrlThatNobodyKnowsIsRefusedWithoutItsSecrets() {
    Refused refused = catchThrowableOfType(Refused.class, () -> Storage.config(directory, Optional.of("jdbc:mysql://u:secret@h/d?password=secret")));

    assertThat(refused).hasMessageContaining("jdbc:mysql://h/d").hasMessageContaining("--jdbc");
    assertThat(refused.getMessage()).doesNotContain("secret");
  }

  @Test
  void aDatabaseThatIsNotThereIsRefusedInOneLine() {
    Refused refused =
        catchThrowableOfType(Refused.class, () -> Database.at("jdbc:h2:tcp://127.0.0.1:1/none;IFEXISTS=TRUE"));

    assertThat(refused.reason()).isEqualTo(Refused.Reason.UNAVAILABLE);
    assertThat(refused.getMessage()).contains("--jdbc").contains("jdbc:h2:tcp://127.0.0.1:1/none").doesNotContain("\n");
  }

  @Test
  void everySettingOfThePluginsIsOneDatabase() throws Exception {
    Config config = Storage.config(directory, Optional.empty()).withFallback(ConfigFactory.load());
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "storage", config);
    Database database = Storage.prepare(system);

    assertThat(database.<Integer>inTransaction(connection -> number(connection, "SELECT count(*) FROM \"event_journal\""))).isZero();
    assertThat(config.getString("pekko-persistence-jdbc.shared-databases.clipper.db.url"))
        .isEqualTo("jdbc:h2:clipper:%s;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;CACHE_SIZE=1024;MAX_LENGTH_INPLACE_LOB=4096".formatted(directory.resolve("clipper")));
    assertThat(config.getString("jdbc-journal.use-shared-db")).isEqualTo("clipper");

    Storage.prepare(system).close();
    system.terminate();
    database.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("clipper.mv.db");
    }
  }

  @Test
  void aNodeWaitsSoLongForASilentDatabaseUnlessTheUrlSaysOtherwise() throws SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(directory);
    try (Database node = Database.openForNode(DatabaseAddress.at(url), true)) {
      assertThat(node.<Integer>inTransaction(Connection::getNetworkTimeout)).isEqualTo(10_000);
      assertThat(node.<Integer>inLongTransaction(Connection::getNetworkTimeout)).isEqualTo(125_000);
      assertThat(node.<String>inLongTransaction(connection -> text(connection, "SHOW lock_timeout"))).isEqualTo("2min");
      assertThat(node.<Integer>inTransaction(Connection::getNetworkTimeout)).isEqualTo(10_000);
      assertThat(node.<String>inTransaction(connection -> text(connection, "SHOW lock_timeout"))).isEqualTo("5s");
      assertThat(node.<String>inTransaction(connection -> text(connection, "SHOW idle_in_transaction_session_timeout"))).isEqualTo("15s");
    }
    try (Database patient = Database.openForNode(DatabaseAddress.at(url + "&socketTimeout=0&options=-c%20lock_timeout=3s"), true)) {
      assertThat(patient.<Integer>inLongTransaction(Connection::getNetworkTimeout)).isZero();
      assertThat(patient.<String>inLongTransaction(connection -> text(connection, "SHOW lock_timeout"))).isEqualTo("3s");
    }
    try (Database command = Database.at(url)) {
      assertThat(command.<Integer>inTransaction(Connection::getNetworkTimeout)).isZero();
      assertThat(command.<String>inTransaction(connection -> text(connection, "SHOW lock_timeout"))).isEqualTo("0");
    }
  }

  @Test
  void workThatFailsLeavesANodesConnectionAsItBegan() throws SQLException {
    try (Database node = Database.openForNode(DatabaseAddress.at(TestDatabase.POSTGRESQL.fresh(directory)), true)) {
      assertThatThrownBy(() -> node.run("SELECT nothing;\n")).isInstanceOf(SQLException.class);

      assertThat(node.<String>inTransaction(connection -> text(connection, "SHOW lock_timeout"))).isEqualTo("5s");
    }
  }

  @Test
  void theJournalWaitsAsLongAsTheRest() {
    Config postgresql = Storage.config(directory, Optional.of("jdbc:postgresql://h/d")).getConfig("pekko-persistence-jdbc.shared-databases.clipper.db");

    assertThat(postgresql.getConfig("properties").root().unwrapped())
        .isEqualTo(Map.of("connectTimeout", "5", "socketTimeout", "10", "tcpKeepAlive", "true"));
    assertThat(postgresql.getString("connectionInitSql")).contains("idle_in_transaction_session_timeout", "lock_timeout");
    assertThat(Storage.config(directory, Optional.empty()).getConfig("pekko-persistence-jdbc.shared-databases.clipper.db").hasPath("properties")).isFalse();
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static int number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getInt(1);
    }
  }
}
