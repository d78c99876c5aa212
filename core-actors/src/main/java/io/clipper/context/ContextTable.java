package io.clipper.context;

import io.clipper.storage.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The contexts' table, which {@link io.clipper.storage.Schema} makes. A row is never replaced by one of fewer lessons, whoever writes it
 * late. Blocks; used off the serving threads.
 */
final class ContextTable {
  private static final String KEY = "application = ? AND incarnation = ? AND part = ?";

  /** A row as it is kept. */
  static final class Stored {
    private final String context;
    private final long number;
    private final byte[] learned;

    Stored(String context, long number, byte[] learned) {
      this.context = context;
      this.number = number;
      this.learned = learned;
    }

    String context() {
      return context;
    }

    long number() {
      return number;
    }

    byte[] learned() {
      return learned;
    }
  }

  private final Database database;

  ContextTable(Database database) {
    this.database = database;
  }

  /** Those of these contexts that have a row, by their names. */
  Map<String, Stored> read(ContextPartition of, List<String> contexts) throws SQLException {
    // H2 finds one name by the whole key, but of a list of them only those with the same application, one by one; it is asked without a wire.
    int atOnce = database.isH2() ? 1 : contexts.size();
    String names = String.join(", ", Collections.nCopies(atOnce, "?"));
    return database.inTransaction(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT name, number, learned FROM context WHERE %s AND name IN (%s)".formatted(KEY, names))) {
            Map<String, Stored> found = new LinkedHashMap<>();
            key(select, of);
            for (int from = 0; from < contexts.size(); from += atOnce) {
              for (int i = 0; i < atOnce; i++) {
                select.setString(4 + i, contexts.get(from + i));
              }
              try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                  found.put(rows.getString(1), new Stored(rows.getString(1), rows.getLong(2), rows.getBytes(3)));
                }
              }
            }
            return found;
          }
        });
  }

  /** All of them, or none. */
  void write(ContextPartition of, List<Stored> rows) throws SQLException {
    database.inTransaction(connection -> database.isH2() ? merge(connection, of, rows) : upsert(connection, of, rows));
  }

  /** Deletes what was learned for others that had the application's name. */
  void deleteOthers(ContextPartition of) throws SQLException {
    database.inLongTransaction(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM context WHERE application = ? AND part = ? AND incarnation < ?")) {
            delete.setString(1, of.application());
            delete.setInt(2, of.partition());
            delete.setLong(3, of.incarnation());
            return delete.executeUpdate();
          }
        });
  }

  private static int[] upsert(Connection connection, ContextPartition of, List<Stored> rows) throws SQLException {
    return batch(
        connection,
        """
        INSERT INTO context VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (application, incarnation, part, name)
        DO UPDATE SET number = EXCLUDED.number, learned = EXCLUDED.learned WHERE context.number < EXCLUDED.number""",
        of,
        rows);
  }

  private static int[] merge(Connection connection, ContextPartition of, List<Stored> rows) throws SQLException {
    return batch(
        connection,
        """
        MERGE INTO context AS kept
        USING (VALUES (CAST(? AS VARCHAR(255)), CAST(? AS BIGINT), CAST(? AS INT), CAST(? AS VARCHAR(256)), CAST(? AS BIGINT),
          CAST(? AS VARBINARY(1048576)))) AS given (application, incarnation, part, name, number, learned)
        ON kept.application = given.application AND kept.incarnation = given.incarnation AND kept.part = given.part AND kept.name = given.name
        WHEN MATCHED AND kept.number < given.number THEN UPDATE SET number = given.number, learned = given.learned
        WHEN NOT MATCHED THEN INSERT VALUES (given.application, given.incarnation, given.part, given.name, given.number, given.learned)""",
        of,
        rows);
  }

  private static int[] batch(Connection connection, String sql, ContextPartition of, List<Stored> rows) throws SQLException {
    try (PreparedStatement write = connection.prepareStatement(sql)) {
      for (Stored row : rows) {
        key(write, of);
        write.setString(4, row.context());
        write.setLong(5, row.number());
        write.setBytes(6, row.learned());
        write.addBatch();
      }
      return write.executeBatch();
    }
  }

  private static void key(PreparedStatement statement, ContextPartition of) throws SQLException {
    statement.setString(1, of.application());
    statement.setLong(2, of.incarnation());
    statement.setInt(3, of.partition());
  }
}
