package io.clipper.storage;

import io.clipper.Refused;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Inserts rows in batches, columns matched by their names. */
final class TableFilling implements RowSink, AutoCloseable {
  private static final int BATCH_ROWS = 500;
  private static final long BATCH_BYTES = 4 << 20;

  private final Connection connection;
  private final List<Schema.Table> tables;
  private @Nullable PreparedStatement insert;
  private int rows;
  private long bytes;

  TableFilling(Connection connection, List<Schema.Table> tables) {
    this.connection = connection;
    this.tables = List.copyOf(tables);
  }

  @Override
  public void table(String name, List<String> columns) throws SQLException {
    finish();
    close();
    Schema.Table table =
        tables.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow(() -> unknown("table " + name));
    List<String> quoted =
        columns.stream()
            .map(
                column -> {
                  int index = table.columnNames().indexOf(column);
                  if (index < 0) {
                    throw unknown("column %s of table %s".formatted(column, name));
                  }
                  return table.columns().get(index);
                })
            .toList();
    insert =
        connection.prepareStatement(
            "INSERT INTO %s (%s) VALUES (%s)"
                .formatted(table.sql(), String.join(", ", quoted), String.join(", ", Collections.nCopies(quoted.size(), "?"))));
  }

  @Override
  public void row(@Nullable Object[] values) throws SQLException {
    PreparedStatement into = insert;
    if (into == null) {
      throw new IllegalStateException("a row before its table");
    }
    for (int i = 0; i < values.length; i++) {
      set(into, i + 1, values[i]);
    }
    into.addBatch();
    rows++;
    if (rows == BATCH_ROWS || bytes > BATCH_BYTES) {
      finish();
    }
  }

  /** Sends what is not sent yet. */
  void finish() throws SQLException {
    if (insert != null && rows > 0) {
      insert.executeBatch();
    }
    rows = 0;
    bytes = 0;
  }

  @Override
  public void close() throws SQLException {
    if (insert != null) {
      insert.close();
    }
    insert = null;
  }

  private void set(PreparedStatement into, int index, @Nullable Object value) throws SQLException {
    switch (value) {
      case null -> into.setNull(index, Types.NULL);
      case Long number -> into.setLong(index, number);
      case Boolean flag -> into.setBoolean(index, flag);
      case String text -> into.setString(index, text);
      case byte[] block -> {
        bytes += block.length;
        into.setBytes(index, block);
      }
      default -> throw new IllegalStateException("a value of " + value.getClass());
    }
  }

  private static Refused unknown(String what) {
    return new Refused(Refused.Reason.INVALID, "there is no %s in this version of Clipper".formatted(what));
  }
}
