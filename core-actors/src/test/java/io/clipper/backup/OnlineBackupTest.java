package io.clipper.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.artifact.ArtifactStore;
import io.clipper.artifact.SharedArtifacts;
import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup of a database on which nodes are at work. */
class OnlineBackupTest {
  @TempDir private Path temporary = Path.of("");

  @Test
  void whatIsDeployedOrUndeployedMeanwhileIsInItWithItsArtifactOrNotAtAll() throws IOException, SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(temporary);
    Path file = temporary.resolve("backup");
    try (Database nodes = TestDatabase.prepared(url);
        Store store = Store.kept(url, Optional.empty());
        OutputStream out = Files.newOutputStream(file)) {
      Deployments deployments = new Deployments(nodes, ArtifactStore.open(temporary.resolve("node")));
      deployments.replace();

      Backup.write(store, new OutputThat(deployments::replace, out));

      assertThat(deployments.count).as("while it was written").isGreaterThan(10);
    }
    Path restored = temporary.resolve("restored");
    Backup.restore(file, EmptyStore.in(restored));
    try (Store store = Store.kept(restored)) {
      List<String> named = store.database().inTransaction(OnlineBackupTest::named);
      assertThat(named).hasSize(1);
      assertThat(store.folder().orElseThrow().all()).containsAll(named);
    }
  }

  private static List<String> named(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT application FROM prediction_log");
        ResultSet rows = select.executeQuery()) {
      List<String> named = new ArrayList<>();
      while (rows.next()) {
        named.add(rows.getString(1));
      }
      return named;
    }
  }

  /** As a node does it: the bytes come before the row that names them, and go after it. */
  private static final class Deployments {
    private static final int BYTES = 100_000;

    private final Database database;
    private final SharedArtifacts shared;
    private final ArtifactStore folder;
    private final SplittableRandom random = new SplittableRandom(7);
    private String deployed = "";
    private int count;

    private Deployments(Database database, ArtifactStore folder) {
      this.database = database;
      this.shared = new SharedArtifacts(database);
      this.folder = folder;
    }

    /** One model takes another's place. */
    void replace() {
      // Bytes that do not compress: the backup is written in many pieces.
      byte[] model = new byte[BYTES];
      random.nextBytes(model);
      String next = folder.store(model);
      shared.keep(next, folder);
      name(next);
      if (!deployed.isEmpty()) {
        shared.remove(deployed);
      }
      deployed = next;
      count++;
    }

    private void name(String next) {
      try {
        database.<Integer>inTransaction(
            connection -> {
              try (PreparedStatement delete = connection.prepareStatement("DELETE FROM prediction_log");
                  PreparedStatement insert = connection.prepareStatement("INSERT INTO prediction_log VALUES (?, 1, 1, 1, 1, 1, ?)")) {
                delete.executeUpdate();
                insert.setString(1, next);
                insert.setBytes(2, "row".getBytes(StandardCharsets.UTF_8));
                return insert.executeUpdate();
              }
            });
      } catch (SQLException failed) {
        throw new IllegalStateException(failed);
      }
    }
  }

  /** Something happens before each write. */
  private static final class OutputThat extends FilterOutputStream {
    private final Runnable happens;

    private OutputThat(Runnable happens, OutputStream out) {
      super(out);
      this.happens = happens;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      happens.run();
      out.write(bytes, offset, length);
    }
  }
}
