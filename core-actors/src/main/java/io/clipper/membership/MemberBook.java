package io.clipper.membership;

import io.clipper.storage.Database;
import io.clipper.storage.Signatures;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The members that the database remembers: whom a node that starts again looks for before it makes a cluster of its own. Members that have
 * the database sign now and then, so that one that lives is known from one that is gone. The time is the database's. All methods block.
 */
final class MemberBook {
  private static final String SELECT = "SELECT address, %s FROM clipper_member".formatted(Signatures.IS_FRESH);
  private static final String SELECT_ONE =
      "SELECT incarnation, seen_at FROM clipper_member WHERE address = ? AND incarnation IS NOT NULL AND " + Signatures.IS_FRESH;
  private static final String INSERT =
      "INSERT INTO clipper_member (address) SELECT CAST(? AS VARCHAR(255)) WHERE NOT EXISTS (SELECT 1 FROM clipper_member WHERE address = ?)";
  private static final String DELETE = "DELETE FROM clipper_member WHERE address = ?";
  private static final String CLAIM = "UPDATE clipper_member SET seen_at = CURRENT_TIMESTAMP, incarnation = ? WHERE address = ?";
  /** Whom another member has written down has no incarnation yet. */
  private static final String SIGN = CLAIM + " AND (incarnation IS NULL OR incarnation = ?)";

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
      return signed.stream().anyMatch(address -> !address.equals(self));
    }
  }

  /**
   * That a node was alive.
   *
   * @param at of the database's clock
   */
  record Signature(Incarnation of, OffsetDateTime at) {}

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

  /** Who signed for that address, where it is fresh. */
  Optional<Signature> signature(String address) throws SQLException {
    return database.inTransaction(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(SELECT_ONE)) {
            select.setString(1, address);
            try (ResultSet row = select.executeQuery()) {
              return row.next()
                  ? Optional.of(new Signature(Incarnation.parse(row.getString(1)), row.getObject(2, OffsetDateTime.class)))
                  : Optional.empty();
            }
          }
        });
  }

  /** A node has become a member: from now on the address is its own, whoever had it, and it lives. */
  void enter(String self, Incarnation incarnation) throws SQLException {
    database.inTransaction(
        connection -> {
          run(connection, INSERT, self, self);
          return run(connection, CLAIM, incarnation.text(), self);
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

  /**
   * A member that is in the book lives.
   *
   * @return false where it is in there no more: others went on without it, or its address is another's
   */
  boolean sign(String self, Incarnation incarnation) throws SQLException {
    return database.inTransaction(connection -> run(connection, SIGN, incarnation.text(), self, incarnation.text()) == 1);
  }

  /** Whether the book remembers it. */
  static boolean has(Connection connection, String address) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT 1 FROM clipper_member WHERE address = ?")) {
      select.setString(1, address);
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    }
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
