package io.clipper.feedback;

import io.clipper.storage.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Consumer;

/** All that the prediction log of a database still holds, for those who look back. Blocks. */
public final class LoggedQueries {
  private LoggedQueries() {}

  /** Those of one application, of all its partitions, as they were written. One group of them is in memory at a time. */
  public static void each(Database database, String application, Consumer<LoggedQuery> taker) throws SQLException {
    database.inTransaction(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT entries FROM prediction_log WHERE application = ? ORDER BY written_at")) {
            select.setFetchSize(1);
            select.setString(1, application);
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                LoggedGroup.read(rows.getBytes(1)).queries().forEach(taker);
              }
            }
            return taker;
          }
        });
  }
}
