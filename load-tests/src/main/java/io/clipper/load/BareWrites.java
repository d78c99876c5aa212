package io.clipper.load;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A loop of single rows to a table of their own, each of which is durable before the next: what a feedback would cost by itself. */
final class BareWrites {
  private BareWrites() {}

  static double perSecond(Connection connection, int bytes, Duration time) throws SQLException {
    boolean h2 = connection.getMetaData().getURL().startsWith("jdbc:h2:");
    try (Statement create = connection.createStatement()) {
      create.execute("CREATE TABLE bare (number BIGINT PRIMARY KEY, event %s NOT NULL)".formatted(h2 ? "BLOB" : "BYTEA"));
    }
    long written = 0;
    long end = System.nanoTime() + time.toNanos();
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO bare VALUES (?, ?)")) {
      while (System.nanoTime() < end) {
        insert.setLong(1, written++);
        insert.setBytes(2, new byte[bytes]);
        insert.executeUpdate();
      }
    }
    return written * 1e9 / time.toNanos();
  }
}
