package io.clipper.feedback;

import io.clipper.storage.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** The prediction log's table: a row is a group of queries of one partition. Blocks; used off the serving threads. */
final class LogStore {
  private final Database database;
  private final PredictionLogSettings settings;
  private final InstantSource clock;

  LogStore(Database database, PredictionLogSettings settings, InstantSource clock) {
    this.database = database;
    this.settings = settings;
    this.clock = clock;
  }

  void write(LogPart part, LoggedGroup group) throws SQLException {
    database.inTransaction(
        connection -> {
          try (PreparedStatement insert = connection.prepareStatement("INSERT INTO prediction_log VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, part.application());
            insert.setInt(2, part.partition());
            insert.setLong(3, group.firstId());
            insert.setLong(4, group.lastId());
            insert.setLong(5, clock.millis());
            insert.setInt(6, group.bytes().length);
            insert.setBytes(7, group.bytes());
            return insert.executeUpdate();
          }
        });
  }

  /** The groups that may have that query, as its id lies among theirs. */
  List<LoggedGroup> around(LogPart part, long queryId) throws SQLException {
    return database.inTransaction(connection -> around(connection, part, queryId));
  }

  /**
   * Deletes what is older than the log keeps, and the oldest of what is more than it keeps.
   *
   * @return the bytes of those that were not old enough to go
   */
  long trim() throws SQLException {
    return database.inLongTransaction(
        connection -> {
          delete(connection, clock.millis() - settings.maxAge().toMillis());
          long total = totalBytes(connection);
          long excess = total - settings.maxBytes();
          if (excess <= 0) {
            return 0L;
          }
          delete(connection, writtenAtOf(connection, excess));
          return total - totalBytes(connection);
        });
  }

  private static List<LoggedGroup> around(Connection connection, LogPart part, long queryId) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT entries FROM prediction_log WHERE application = ? AND part = ? AND last_id >= ? AND first_id <= ?")) {
      select.setString(1, part.application());
      select.setInt(2, part.partition());
      select.setLong(3, queryId);
      select.setLong(4, queryId);
      List<LoggedGroup> groups = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          groups.add(LoggedGroup.read(rows.getBytes(1)));
        }
      }
      return groups;
    }
  }

  private static void delete(Connection connection, long writtenUpTo) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement("DELETE FROM prediction_log WHERE written_at <= ?")) {
      delete.setLong(1, writtenUpTo);
      delete.executeUpdate();
    }
  }

  private static long totalBytes(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet sum = statement.executeQuery("SELECT COALESCE(SUM(CAST(size AS BIGINT)), 0) FROM prediction_log")) {
      sum.next();
      return sum.getLong(1);
    }
  }

  /** When the last of the oldest groups that make up so many bytes was written. */
  private static long writtenAtOf(Connection connection, long bytes) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT written_at, size FROM prediction_log ORDER BY written_at")) {
      long passed = 0;
      long writtenAt = 0;
      while (passed < bytes && rows.next()) {
        writtenAt = rows.getLong(1);
        passed += rows.getInt(2);
      }
      return writtenAt;
    }
  }
}
