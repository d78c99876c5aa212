package io.clipper.artifact;

import io.clipper.Aside;
import io.clipper.Refused;
import io.clipper.storage.Database;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Artifacts in the database that nodes share, in chunks, so that one is still there when every node that had it is gone.
 *
 * <p>An artifact is there as a whole or not at all: its chunks come with it in one transaction. All but {@link #fetch} block. What takes a
 * connection is part of its transaction.
 */
public final class SharedArtifacts implements ArtifactSource {
  /** What of it is in memory at once. */
  private static final int CHUNK_BYTES = 1 << 20;

  /** What H2 and PostgreSQL call a second row of the same key. */
  private static final String THERE_ALREADY = "23505";

  private final Database database;

  /** No monitor: on Java 21 a virtual thread that waits for the database in one keeps the thread that others would run on. */
  private final ReentrantLock keeping = new ReentrantLock();

  public SharedArtifacts(Database database) {
    this.database = database;
  }

  /** Writes a packed artifact. */
  @FunctionalInterface
  public interface Packing {
    void to(OutputStream packed) throws IOException, SQLException;
  }

  /** Copies an artifact of a store; one that is here already stays. */
  public void keep(String sha256, ArtifactStore store) {
    keep(sha256, packed -> store.pack(sha256, packed));
  }

  /** Keeps what {@link ArtifactStore#pack} wrote; who fetches it checks it. One at a time, so that a connection is left for others. */
  public void keep(String sha256, Packing packing) {
    keeping.lock();
    try {
      keepAlone(sha256, packing);
    } finally {
      keeping.unlock();
    }
  }

  private void keepAlone(String sha256, Packing packing) {
    if (holds(sha256)) {
      return;
    }
    try {
      database.inLongTransaction(connection -> insert(connection, sha256, packing));
    } catch (SQLException failed) {
      if (!THERE_ALREADY.equals(failed.getSQLState())) {
        throw refused(sha256, "cannot be kept in", failed);
      }
    } catch (UncheckedIOException failed) {
      throw refused(sha256, "cannot be copied to", failed);
    }
  }

  public boolean holds(String sha256) {
    try {
      return database.<OptionalInt>inTransaction(connection -> chunks(connection, sha256)).isPresent();
    } catch (SQLException failed) {
      throw refused(sha256, "cannot be looked up in", failed);
    }
  }

  /** The digests of what is here. */
  public List<String> all() {
    try {
      return database.inTransaction(SharedArtifacts::all);
    } catch (SQLException failed) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "the shared database's artifacts cannot be listed: " + failed.getMessage());
    }
  }

  public static List<String> all(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT sha256 FROM artifact");
        ResultSet rows = select.executeQuery()) {
      List<String> all = new ArrayList<>();
      while (rows.next()) {
        all.add(rows.getString(1));
      }
      return all;
    }
  }

  /** Writes an artifact as {@link ArtifactStore#pack} does; false, and nothing is written, where it is not here. */
  public static boolean pack(Connection connection, String sha256, OutputStream to) throws IOException, SQLException {
    OptionalInt chunks = chunks(connection, sha256);
    for (int number = 0; number < chunks.orElse(0); number++) {
      to.write(chunk(connection, sha256, number));
    }
    return chunks.isPresent();
  }

  /** Keeps what {@link ArtifactStore#pack} wrote; one that is here already stays. */
  public static void keep(Connection connection, String sha256, Packing packing) throws SQLException {
    if (chunks(connection, sha256).isEmpty()) {
      insert(connection, sha256, packing);
    }
  }

  /** Lets go of what nothing names any more. */
  public void remove(String sha256) {
    try {
      database.inTransaction(
          connection -> {
            try (PreparedStatement delete = connection.prepareStatement("DELETE FROM artifact WHERE sha256 = ?")) {
              delete.setString(1, sha256);
              return delete.executeUpdate();
            }
          });
    } catch (SQLException failed) {
      throw refused(sha256, "cannot be removed from", failed);
    }
  }

  @Override
  public CompletionStage<Boolean> fetch(String sha256, OutputStream to) {
    return CompletableFuture.supplyAsync(() -> copy(sha256, to), Aside.THREADS);
  }

  @Override
  public String place() {
    return "the shared database";
  }

  /** A transaction for each chunk: a slow disk keeps no connection from others. */
  private boolean copy(String sha256, OutputStream to) {
    try {
      OptionalInt chunks = database.inTransaction(connection -> chunks(connection, sha256));
      for (int number = 0; number < chunks.orElse(0); number++) {
        int wanted = number;
        to.write(database.<byte[]>inTransaction(connection -> chunk(connection, sha256, wanted)));
      }
      return chunks.isPresent();
    } catch (SQLException failed) {
      throw refused(sha256, "cannot be read from", failed);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** The artifact's row comes first: of two nodes that keep the same one, the second waits for the first, and then finds it there. */
  private static int insert(Connection connection, String sha256, Packing packing) throws SQLException {
    try (PreparedStatement artifact = connection.prepareStatement("INSERT INTO artifact (sha256, chunks) VALUES (?, ?)")) {
      artifact.setString(1, sha256);
      artifact.setInt(2, 0);
      artifact.executeUpdate();
    }
    int chunks;
    try (PreparedStatement chunk = connection.prepareStatement("INSERT INTO artifact_chunk (sha256, number, bytes) VALUES (?, ?, ?)");
        ChunkedOutput output =
            new ChunkedOutput(
                CHUNK_BYTES,
                (number, bytes) -> {
                  chunk.setString(1, sha256);
                  chunk.setInt(2, number);
                  chunk.setBytes(3, bytes);
                  chunk.executeUpdate();
                })) {
      packing.to(output);
      output.flush();
      chunks = output.chunks();
    } catch (ChunkedOutput.ChunkFailed failed) {
      throw failed.cause();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    try (PreparedStatement artifact = connection.prepareStatement("UPDATE artifact SET chunks = ? WHERE sha256 = ?")) {
      artifact.setInt(1, chunks);
      artifact.setString(2, sha256);
      return artifact.executeUpdate();
    }
  }

  private static OptionalInt chunks(Connection connection, String sha256) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT chunks FROM artifact WHERE sha256 = ?")) {
      select.setString(1, sha256);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
      }
    }
  }

  private static byte[] chunk(Connection connection, String sha256, int number) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT bytes FROM artifact_chunk WHERE sha256 = ? AND number = ?")) {
      select.setString(1, sha256);
      select.setInt(2, number);
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("chunk %d is gone".formatted(number));
        }
        return row.getBytes(1);
      }
    }
  }

  private static Refused refused(String sha256, String why, Exception failed) {
    return new Refused(Refused.Reason.UNAVAILABLE, "artifact %s %s the shared database: %s".formatted(sha256, why, failed.getMessage()));
  }
}
