package io.clipper.storage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/** Which nodes are at work on a database: each signs there every few seconds. The time is the database's. */
public final class Signatures {
  /** How long a node is taken to live after it signed: a few signatures may be missed. */
  public static final Duration FRESH = Duration.ofSeconds(10);

  /** Of a row of {@code clipper_member}: whether its node lives. */
  public static final String IS_FRESH = "seen_at > CURRENT_TIMESTAMP - INTERVAL '%d' SECOND".formatted(FRESH.toSeconds());

  private Signatures() {}

  /** The address of a node that lives. */
  static Optional<String> living(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT MIN(address) FROM clipper_member WHERE " + IS_FRESH)) {
      return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
    }
  }
}
