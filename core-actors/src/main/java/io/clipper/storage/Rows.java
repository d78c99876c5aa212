package io.clipper.storage;

import java.io.IOException;
import java.sql.SQLException;

/** Where tables come from: a database, or a file of them. */
@FunctionalInterface
public interface Rows {
  void into(RowSink sink) throws IOException, SQLException;
}
