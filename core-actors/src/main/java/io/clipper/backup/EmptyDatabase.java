package io.clipper.backup;

import io.clipper.artifact.SharedArtifacts;
import io.clipper.storage.Database;
import io.clipper.storage.DatabaseRows;
import io.clipper.storage.Rows;
import io.clipper.storage.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;

/** A database that is filled in one transaction: tables, artifacts, rows. */
record EmptyDatabase(String jdbcUrl) implements EmptyStore {
  @Override
  public <T> T fill(Content<T> content) throws SQLException {
    try (Database database = Database.at(jdbcUrl)) {
      boolean prepared = Schema.isThere(database);
      try {
        return fill(database, prepared, connection -> new InTransaction(connection, database), content);
      } catch (SQLException | RuntimeException failed) {
        if (!prepared && database.isH2()) {
          takeBack(database, failed);
        }
        throw failed;
      }
    }
  }

  /** Where the parts go, within the transaction of a connection. */
  interface Place {
    Filling on(Connection connection);
  }

  /** @param prepared whether the tables are there already, by an administrator who may make them */
  static <T> T fill(Database database, boolean prepared, Place place, Content<T> content) throws SQLException {
    return database.inTransaction(
        connection -> {
          if (!prepared) {
            Schema.make(connection, database);
          }
          DatabaseRows.checkEmpty(connection, database);
          try {
            return content.into(place.on(connection));
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        });
  }

  /** H2 commits a table as it is made. */
  private static void takeBack(Database database, Exception because) {
    try {
      Schema.drop(database);
    } catch (SQLException failed) {
      because.addSuppressed(failed);
    }
  }

  private record InTransaction(Connection connection, Database database) implements Filling {
    @Override
    public void artifact(String sha256, SharedArtifacts.Packing packing) throws SQLException {
      SharedArtifacts.keep(connection, sha256, packing);
    }

    @Override
    public void rows(Rows rows) throws IOException, SQLException {
      DatabaseRows.fill(connection, database, rows);
    }
  }
}
