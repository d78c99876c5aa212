package io.clipper.storage;

import io.clipper.Refused;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that is in a database's tables, but for artifacts, which travel by their digests, and for what is said of the database itself and of a
 * cluster that runs: read as of one moment, filled as a whole.
 */
public final class DatabaseRows {
  private static final Set<String> LEFT_OUT = Set.of("artifact", "artifact_chunk", "clipper_store", "clipper_member", "clipper_lease");
  private static final int FETCHED_AT_ONCE = 100;

  private DatabaseRows() {}

  /** Reads what is there on a connection that {@link Database#asOfOneMoment} gave. */
  public static Rows of(Connection connection, Database database) {
    return sink -> {
      RowSink readable = new ReadableRows(sink);
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(FETCHED_AT_ONCE);
        for (Schema.Table table : tables(database)) {
          read(statement, table, readable);
        }
      }
    };
  }

  /**
   * Refuses tables that have rows, and those of nodes that run and have written nothing yet: what they know would not be what is there.
   *
   * @throws Refused that names one of them
   */
  public static void checkEmpty(Connection connection, Database database) throws SQLException {
    Optional<String> living = Signatures.living(connection);
    if (living.isPresent()) {
      throw new Refused(
          Refused.Reason.CONFLICT,
          "%s is in use: the node %s signed in it within %d s; stop its nodes, and wait for as long"
              .formatted(database.name(), living.get(), Signatures.FRESH.toSeconds()));
    }
    for (Schema.Table table : tables(database)) {
      checkEmpty(connection, table, database.name());
    }
  }

  /** Fills empty tables. On H2 it commits: it is a transaction's last step. */
  public static void fill(Connection connection, Database database, Rows rows) throws IOException, SQLException {
    if (!database.isH2()) {
      // Until the end of the transaction events may come in any order.
      Database.execute(connection, "SET LOCAL clipper.fills_tables = 'on'");
    }
    try (TableFilling filling = new TableFilling(connection, tables(database))) {
      rows.into(new ReadableRows(filling));
      filling.finish();
    }
    continueOrdering(connection, database);
  }

  private static List<Schema.Table> tables(Database database) {
    return Schema.tables(database.dialect()).stream().filter(table -> !LEFT_OUT.contains(table.name())).toList();
  }

  private static void read(Statement statement, Schema.Table table, RowSink sink) throws IOException, SQLException {
    sink.table(table.name(), table.columnNames());
    try (ResultSet rows = statement.executeQuery(table.selectAll())) {
      ResultSetMetaData columns = rows.getMetaData();
      while (rows.next()) {
        @Nullable Object[] values = new @Nullable Object[columns.getColumnCount()];
        for (int column = 0; column < values.length; column++) {
          values[column] = value(rows, column + 1, columns.getColumnType(column + 1));
        }
        sink.row(values);
      }
    }
  }

  private static @Nullable Object value(ResultSet rows, int column, int type) throws SQLException {
    Object value =
        switch (type) {
          case Types.BIGINT, Types.INTEGER -> rows.getLong(column);
          case Types.BOOLEAN, Types.BIT -> rows.getBoolean(column);
          case Types.VARCHAR -> rows.getString(column);
          case Types.BLOB, Types.BINARY, Types.VARBINARY -> rows.getBytes(column);
          default -> throw new SQLException("a column of type %d is not known here".formatted(type));
        };
    return rows.wasNull() ? null : value;
  }

  private static void checkEmpty(Connection connection, Schema.Table table, String database) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT 1 FROM %s LIMIT 1".formatted(table.sql()))) {
      if (row.next()) {
        throw new Refused(Refused.Reason.CONFLICT, "%s is in use already: its table %s has rows".formatted(database, table.name()));
      }
    }
  }

  /** The next event's number comes after those that were filled in. H2 commits with it, so it is the last statement. */
  private static void continueOrdering(Connection connection, Database database) throws SQLException {
    Schema.Table journal = Schema.tables(database.dialect()).getFirst();
    try (Statement statement = connection.createStatement()) {
      if (!database.isH2()) {
        statement.execute(
            "SELECT setval(pg_get_serial_sequence('event_journal', 'ordering'), COALESCE(MAX(ordering), 0) + 1, false) FROM event_journal");
        return;
      }
      long next = 1;
      try (ResultSet greatest = statement.executeQuery("SELECT COALESCE(MAX(\"ordering\"), 0) + 1 FROM " + journal.sql())) {
        greatest.next();
        next = greatest.getLong(1);
      }
      statement.execute("ALTER TABLE %s ALTER COLUMN \"ordering\" RESTART WITH %d".formatted(journal.sql(), next));
    }
  }
}
