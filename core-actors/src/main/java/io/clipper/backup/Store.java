package io.clipper.backup;

import io.clipper.Refused;
import io.clipper.artifact.ArtifactStore;
import io.clipper.artifact.SharedArtifacts;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A database, and the artifacts that belong to it: in a node's folder, in the database itself, or some in each.
 *
 * @param folder of artifacts, if any
 */
public record Store(Database database, Optional<ArtifactStore> folder, SharedArtifacts shared) implements AutoCloseable {
  private static final String DATABASE_FILE = "clipper.mv.db";

  /** What a stopped node kept in its folder. */
  public static Store of(Path data) {
    if (!Files.exists(data.resolve(DATABASE_FILE))) {
      throw new Refused(Refused.Reason.NOT_FOUND, "there is no store in %s: no %s".formatted(data, DATABASE_FILE));
    }
    return open(Database.in(data), Optional.of(data));
  }

  /** For a node's folder that keeps nothing yet. */
  public static Store empty(Path data) {
    if (Files.exists(data.resolve(DATABASE_FILE))) {
      throw new Refused(Refused.Reason.CONFLICT, "there is a store in %s already: name a folder without one".formatted(data));
    }
    return open(Database.in(data), Optional.of(data));
  }

  /**
   * What nodes share.
   *
   * @param data a node's folder, for artifacts that are only there
   */
  public static Store shared(String jdbcUrl, Optional<Path> data) {
    return open(Database.at(jdbcUrl), data);
  }

  private static Store open(Database database, Optional<Path> data) {
    try {
      Schema.prepare(database);
      Optional<ArtifactStore> folder = data.map(each -> each.resolve("artifacts")).map(ArtifactStore::beside);
      return new Store(database, folder, new SharedArtifacts(database));
    } catch (RuntimeException failed) {
      database.close();
      throw failed;
    }
  }

  /** The digests of all artifacts. */
  SortedSet<String> artifacts() {
    TreeSet<String> all = new TreeSet<>(shared.all());
    folder.ifPresent(here -> all.addAll(here.all()));
    return all;
  }

  /** Writes one as {@link ArtifactStore#pack} does. */
  void pack(String sha256, OutputStream to) throws IOException {
    if (folder.isPresent() && folder.get().holds(sha256)) {
      folder.get().pack(sha256, to);
    } else if (!shared.fetch(sha256, to).toCompletableFuture().join()) {
      throw new IOException("artifact %s was removed meanwhile".formatted(sha256));
    }
  }

  /** Where a node of that store looks: in its folder, or in the database that nodes share. */
  void keep(String sha256, InputStream packed) {
    if (database.isH2() && folder.isPresent()) {
      folder.get().unpack(sha256, packed);
    } else {
      shared.keep(sha256, packed::transferTo);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
