package io.clipper.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import slick.jdbc.H2Profile$;
import slick.jdbc.JdbcBackend;

/** H2 gives a database up for good when a write to its file has failed. */
class StoreFileTest {
  private static final int ROUNDS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;

  @AfterEach
  void makeRoom() {
    FullDisk.makeRoom();
  }

  /** As a node has it: by two pools of connections. */
  @Test
  void aDiskThatWasFullIsWrittenToAgainAndNothingThatWasCommittedIsLost() throws SQLException {
    String url = FullDisk.url(directory);
    List<Integer> committed = new ArrayList<>();
    try (Database one = Database.at(url);
        Database other = Database.at(url)) {
      one.run("CREATE TABLE numbers (number INT);\n");
      int number = 0;
      for (int round = 0; round < ROUNDS; round++) {
        committed.add(insert(one, ++number));
        committed.add(insert(other, ++number));
        FullDisk.fill();
        int refused = ++number;
        assertThatThrownBy(() -> insert(one, refused)).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> insert(other, refused)).isInstanceOf(SQLException.class);

        FullDisk.makeRoom();
        int next = ++number;
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(SQLException.class).until(() -> insert(other, next) == next);
        committed.add(next);
        int last = ++number;
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(SQLException.class).until(() -> insert(one, last) == last);
        committed.add(last);
        assertThat(numbers(one)).as("round %d", round).containsAll(committed);
      }
    }
    try (Database again = Database.at(url)) {
      assertThat(numbers(again)).containsAll(committed);
    }
  }

  /** It may have what it could not commit, and one that is asked for again within half a second is not tried first. */
  @Test
  void aConnectionWhoseCommitFailedIsNotGivenOutAgain() throws SQLException {
    String url = FullDisk.url(directory);
    try (Database one = Database.at(url);
        JdbcBackend.JdbcDatabaseDef journal = journal(url)) {
      one.run("CREATE TABLE numbers (number INT);\n");
      Connection connection = journal.source().createConnection();
      Connection failing = connection.unwrap(JdbcConnection.class);
      connection.setAutoCommit(false);
      Database.execute(connection, "INSERT INTO numbers VALUES (1);\n");
      FullDisk.fill();
      assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
      connection.close();
      FullDisk.makeRoom();

      await().atMost(PATIENCE).until(failing::isClosed);
      await().atMost(PATIENCE).ignoreExceptionsInstanceOf(SQLException.class).until(() -> numbers(one).isEmpty());
    }
  }

  /** As a node's settings say. */
  private static JdbcBackend.JdbcDatabaseDef journal(String url) {
    Config config = TestDatabase.config(url).withFallback(ConfigFactory.load());
    return H2Profile$.MODULE$.backend().Database().forConfig("pekko-persistence-jdbc.shared-databases.clipper.db", config, null, ClassLoader.getSystemClassLoader());
  }

  private static int insert(Database database, int number) throws SQLException {
    database.run("INSERT INTO numbers VALUES (%d);\n".formatted(number));
    return number;
  }

  private static Set<Integer> numbers(Database database) throws SQLException {
    return database.inTransaction(StoreFileTest::numbers);
  }

  private static Set<Integer> numbers(Connection connection) throws SQLException {
    Set<Integer> numbers = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT number FROM numbers")) {
      while (rows.next()) {
        numbers.add(rows.getInt(1));
      }
    }
    return numbers;
  }
}
