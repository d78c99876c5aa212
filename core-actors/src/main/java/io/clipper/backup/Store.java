package io.clipper.backup;

import io.clipper.Refused;
import io.clipper.artifact.ArtifactStore;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What nodes kept, to be looked at: a database, and the artifacts that belong to it, in a node's folder, in the database itself, or some in
 * each. Opening it makes nothing, whether it is there or not.
 *
 * @param folder of artifacts, if any
 */
public record Store(Database database, Optional<ArtifactStore> folder) implements AutoCloseable {
  static final String DATABASE_FILE = "clipper.mv.db";
  static final String ARTIFACTS = "artifacts";

  /** Reads a store. */
  @FunctionalInterface
  interface Reading<T> {
    T from(Snapshot snapshot) throws IOException, SQLException;
  }

  /**
   * What a stopped node kept in its folder.
   *
   * @throws Refused in one line, where there is none, or a node still has it
   */
  public static Store kept(Path data) {
    if (!Files.exists(data.resolve(DATABASE_FILE))) {
      throw new Refused(Refused.Reason.NOT_FOUND, "there is no store in %s: no %s".formatted(data, DATABASE_FILE));
    }
    return checked(Database.existingIn(data), artifacts(data));
  }

  /**
   * What nodes share.
   *
   * @param data a node's folder, for artifacts that are only there
   * @throws Refused in one line, where the database is not there or is none of Clipper's, or the folder has no artifacts
   */
  public static Store kept(String jdbcUrl, Optional<Path> data) {
    Optional<ArtifactStore> folder = data.flatMap(Store::artifacts);
    if (data.isPresent() && folder.isEmpty()) {
      throw new Refused(Refused.Reason.NOT_FOUND, "there are no artifacts in %s: no %s".formatted(data.get(), ARTIFACTS));
    }
    return checked(Database.existingAt(jdbcUrl), folder);
  }

  private static Optional<ArtifactStore> artifacts(Path data) {
    return Optional.of(data.resolve(ARTIFACTS)).filter(Files::isDirectory).map(ArtifactStore::beside);
  }

  private static Store checked(Database database, Optional<ArtifactStore> folder) {
    try {
      if (!Schema.isThere(database)) {
        throw new Refused(
            Refused.Reason.NOT_FOUND,
            "there is no store of this version in %s: it has not all of Clipper's tables (a node that starts on the store of an earlier version makes those)"
                .formatted(database.name()));
      }
      return new Store(database, folder);
    } catch (RuntimeException failed) {
      database.close();
      throw failed;
    }
  }

  /** Reads what is there as of one moment, under nodes that go on. An {@link IOException} comes wrapped. */
  <T> T asOfOneMoment(Reading<T> reading) throws SQLException {
    return database.asOfOneMoment(
        connection -> {
          try {
            return reading.from(new Snapshot(this, connection));
          } catch (IOException failed) {
            throw new UncheckedIOException(failed);
          }
        });
  }

  @Override
  public void close() {
    database.close();
  }
}
