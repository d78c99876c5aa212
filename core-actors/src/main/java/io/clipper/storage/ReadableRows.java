package io.clipper.storage;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Passes on all rows but those of contexts by names that no database but H2 keeps: earlier versions wrote them there, and no node reads them. */
final class ReadableRows implements RowSink {
  private static final int NONE = -1;

  private final RowSink sink;
  private int nameColumn = NONE;

  ReadableRows(RowSink sink) {
    this.sink = sink;
  }

  @Override
  public void table(String name, List<String> columns) throws IOException, SQLException {
    nameColumn = name.equals("context") ? columns.indexOf("name") : NONE;
    sink.table(name, columns);
  }

  @Override
  public void row(@Nullable Object[] values) throws IOException, SQLException {
    if (nameColumn == NONE || !(values[nameColumn] instanceof String name) || StoredText.isKept(name)) {
      sink.row(values);
    }
  }
}
