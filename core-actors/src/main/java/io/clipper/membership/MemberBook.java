package io.clipper.membership;

import io.clipper.storage.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The members that the database remembers: whom a node that starts again looks for before it makes a cluster of its own. Members that have
 * the database sign now and then, so that one that lives is known from one that is gone. The time is the database's. All methods block.
 */
final class MemberBook {
  /** A few signatures may be missed. */
  static final Duration FRESH = Duration.ofSeconds(10);

  private static final String SELECT =
      "SELECT address, seen_at > CURRENT_TIMESTAMP - INTERVAL '%d' SECOND FROM clipper_member".formatted(FRESH.toSeconds());
  private static final String INSERT =
      "INSERT INTO clipper_member (address) SELECT CAST(? AS VARCHAR(255)) WHERE NOT EXISTS (SELECT 1 FROM clipper_member WHERE address = ?)";
  private static final String DELETE = "DELETE FROM clipper_member WHERE address = ?";
  private static final String SIGN = "UPDATE clipper_member SET seen_at = CURRENT_TIMESTAMP WHERE address = ?";

  private final Database database;

  MemberBook(Database database) {
    this.database = database;
  }

  /**
   * Members by address.
   *
   * @param signed those of whom the database knows that they live
   */
  record Known(Set<String> all, Set<String> signed) {
    static final Known NOBODY = new Known(Set.of(), Set.of());

    Known {
      all = Set.copyOf(all);
      signed = Set.copyOf(signed);
    }

    /** Whether others live: then a node is one of them, or waits. */
    boolean hasLivingBeside(String self) {
      return !others(signed, self).isEmpty();
    }

    /**
     * Whom a node joins, in this order: others that live; else those that the book remembers, and where none answers it is a cluster of its
     * own, for which it comes first.
     */
    List<String> seeds(String self) {
      if (hasLivingBeside(self)) {
        return others(signed, self);
      }
      List<String> seeds = new ArrayList<>(List.of(self));
      seeds.addAll(others(all, self));
      return List.copyOf(seeds);
    }

    private static List<String> others(Set<String> addresses, String self) {
      return addresses.stream().filter(address -> !address.equals(self)).sorted().toList();
    }
  }

  Known known() throws SQLException {
    return database.inTransaction(
        connection -> {
          Set<String> all = new HashSet<>();
          Set<String> signed = new HashSet<>();
          try (PreparedStatement select = connection.prepareStatement(SELECT);
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              all.add(rows.getString(1));
              if (rows.getBoolean(2)) {
                signed.add(rows.getString(1));
              }
            }
          }
          return new Known(all, signed);
        });
  }

  /** Notes who came and who was removed; who is merely out of reach stays. */
  void write(Set<String> came, Set<String> removed) throws SQLException {
    database.inTransaction(
        connection -> {
          for (String address : removed) {
            run(connection, DELETE, address);
          }
          for (String address : came) {
            run(connection, INSERT, address, address);
          }
          return came;
        });
  }

  /** A member that is in the book lives. */
  void sign(String address) throws SQLException {
    database.inTransaction(connection -> run(connection, SIGN, address));
  }

  private static int run(Connection connection, String sql, String... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }
}
