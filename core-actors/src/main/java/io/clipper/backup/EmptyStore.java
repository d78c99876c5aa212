package io.clipper.backup;

import io.clipper.Refused;
import io.clipper.artifact.SharedArtifacts.Packing;
import io.clipper.storage.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

/** Where a store is to be. It is filled as a whole: where something fails there is no store, and what was there before stays as it was. */
public sealed interface EmptyStore permits EmptyFolder, EmptyDatabase {
  /** What takes the parts of a store. Artifacts come before the rows that name them. */
  interface Filling {
    /** @param packing as {@link io.clipper.artifact.ArtifactStore#pack} does it */
    void artifact(String sha256, Packing packing) throws IOException, SQLException;

    /** Once, and last. */
    void rows(Rows rows) throws IOException, SQLException;
  }

  /** What a store is filled with. */
  @FunctionalInterface
  interface Content<T> {
    T into(Filling filling) throws IOException, SQLException;
  }

  /**
   * For a node's folder that keeps nothing yet.
   *
   * @throws Refused where there is a store
   */
  static EmptyStore in(Path data) {
    return EmptyFolder.checked(data);
  }

  /** For a database that nodes are to share. */
  static EmptyStore at(String jdbcUrl) {
    return new EmptyDatabase(jdbcUrl);
  }

  /**
   * Fills it, once.
   *
   * @throws Refused where something is there already, or the database cannot be used
   */
  <T> T fill(Content<T> content) throws IOException, SQLException;
}
