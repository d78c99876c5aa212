package io.clipper.backup;

import io.clipper.artifact.SharedArtifacts;
import io.clipper.storage.DatabaseRows;
import io.clipper.storage.Rows;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A store as of one moment. A node brings an artifact to the database before the catalog names it, so every artifact that a row names is
 * among these, whatever is deployed or undeployed meanwhile.
 */
record Snapshot(Store store, Connection connection) {
  Rows rows() {
    return DatabaseRows.of(connection, store.database());
  }

  /** The digests of all artifacts. */
  SortedSet<String> artifacts() throws SQLException {
    TreeSet<String> all = new TreeSet<>(SharedArtifacts.all(connection));
    store.folder().ifPresent(here -> all.addAll(here.all()));
    return all;
  }

  /** Writes one as {@link io.clipper.artifact.ArtifactStore#pack} does. */
  void pack(String sha256, OutputStream to) throws IOException, SQLException {
    if (!SharedArtifacts.pack(connection, sha256, to)) {
      store.folder().orElseThrow(() -> new IOException("there is no artifact " + sha256)).pack(sha256, to);
    }
  }
}
