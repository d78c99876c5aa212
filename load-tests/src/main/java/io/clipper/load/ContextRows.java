package io.clipper.load;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The rows of contexts in a node's database: one is copied, under names of its own, until there are as many as nobody would teach. */
record ContextRows(Connection connection, Dialect dialect) {
  /** What a database calls a name that no other row has, and the numbers from one to another. */
  enum Dialect {
    H2("CAST(RANDOM_UUID() AS VARCHAR)", "SYSTEM_RANGE"),
    POSTGRESQL("gen_random_uuid()::text", "generate_series");

    private final String newName;
    private final String numbers;

    Dialect(String newName, String numbers) {
      this.newName = newName;
      this.numbers = numbers;
    }
  }

  private static final long PAUSE_MILLIS = 100;

  long count() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM context")) {
      count.next();
      return count.getLong(1);
    }
  }

  /** A row is there as soon as what it has learned is acknowledged, or a moment later. */
  void awaitFirst(Duration patience) throws SQLException, InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (count() == 0) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException("no context has a row after %d s".formatted(patience.toSeconds()));
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  /** Does nothing where there are as many. */
  void copyTo(long wanted) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO context (application, incarnation, part, name, number, learned)
          SELECT one.application, one.incarnation, one.part, %s, one.number, one.learned
          FROM (SELECT * FROM context LIMIT 1) AS one CROSS JOIN %s(1, %d)"""
              .formatted(dialect.newName, dialect.numbers, Math.max(0, wanted - count())));
    }
  }

  /** At most so many. */
  List<String> names(int most) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT name FROM context LIMIT " + most)) {
      while (found.next()) {
        names.add(found.getString(1));
      }
    }
    return names;
  }
}
