package io.clipper.membership;

import io.clipper.storage.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** The members that the database remembers: whom a node that starts again looks for before it makes a cluster of its own. Blocks. */
final class MemberBook {
  private static final String INSERT =
      "INSERT INTO clipper_member (address) SELECT CAST(? AS VARCHAR(255)) WHERE NOT EXISTS (SELECT 1 FROM clipper_member WHERE address = ?)";

  private final Database database;

  MemberBook(Database database) {
    this.database = database;
  }

  /** By address. */
  Set<String> members() throws SQLException {
    return database.inTransaction(
        connection -> {
          Set<String> members = new HashSet<>();
          try (PreparedStatement select = connection.prepareStatement("SELECT address FROM clipper_member");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              members.add(rows.getString(1));
            }
          }
          return members;
        });
  }

  /** Notes who came and who was removed; who is merely out of reach stays. */
  void write(Set<String> came, Set<String> removed) throws SQLException {
    database.inTransaction(
        connection -> {
          try (PreparedStatement delete = connection.prepareStatement("DELETE FROM clipper_member WHERE address = ?");
              PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (String address : removed) {
              delete.setString(1, address);
              delete.executeUpdate();
            }
            for (String address : came) {
              insert.setString(1, address);
              insert.setString(2, address);
              insert.executeUpdate();
            }
            return came;
          }
        });
  }
}
