package io.clipper.membership;

import io.clipper.storage.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** One row that one node at a time may call its own, for a while. The time is the database's. All methods block. */
final class LeaseRow {
  private final Database database;
  private final String name;
  private final Duration term;

  /** @param term after which another may take it, whatever became of its owner */
  LeaseRow(Database database, String name, Duration term) {
    this.database = database;
    this.name = name;
    this.term = term;
  }

  /** Whether it is the owner's from now on. */
  boolean take(String owner) throws SQLException {
    return database.inTransaction(connection -> take(connection, owner));
  }

  /**
   * The same, of a member alone: whom the others have removed does not get it, however late it asks.
   *
   * @param address by which the owner is in the book of members
   */
  boolean takeAsMember(String owner, String address) throws SQLException {
    return database.inTransaction(connection -> MemberBook.has(connection, address) && take(connection, owner));
  }

  private boolean take(Connection connection, String owner) throws SQLException {
    String sql =
        "SELECT owner, taken_at < CURRENT_TIMESTAMP - INTERVAL '%d' SECOND FROM clipper_lease WHERE name = ? FOR UPDATE"
            .formatted(term.toSeconds());
    try (PreparedStatement row = connection.prepareStatement(sql)) {
      row.setString(1, name);
      try (ResultSet found = row.executeQuery()) {
        if (!found.next()) {
          return write(connection, "INSERT INTO clipper_lease (owner, name, taken_at) VALUES (?, ?, CURRENT_TIMESTAMP)", owner);
        }
        boolean free = found.getString(1).equals(owner) || found.getBoolean(2);
        return free && write(connection, "UPDATE clipper_lease SET owner = ?, taken_at = CURRENT_TIMESTAMP WHERE name = ?", owner);
      }
    }
  }

  /** Another may take it at once; of one that is another's nothing changes. */
  boolean release(String owner) throws SQLException {
    return database.inTransaction(connection -> write(connection, "DELETE FROM clipper_lease WHERE owner = ? AND name = ?", owner));
  }

  private boolean write(Connection connection, String sql, String owner) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, owner);
      statement.setString(2, name);
      return statement.executeUpdate() == 1;
    }
  }
}
