package io.clipper.storage;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes tables one after another: of each its name and columns, then its rows. */
public interface RowSink {
  void table(String name, List<String> columns) throws IOException, SQLException;

  /** @param values in the order of the columns: null, a {@link Long}, a {@link Boolean}, a {@link String} or bytes */
  void row(@Nullable Object[] values) throws IOException, SQLException;
}
