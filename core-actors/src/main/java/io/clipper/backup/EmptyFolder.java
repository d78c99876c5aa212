package io.clipper.backup;

import io.clipper.Refused;
import io.clipper.artifact.ArtifactStore;
import io.clipper.artifact.SharedArtifacts;
import io.clipper.storage.Database;
import io.clipper.storage.DatabaseRows;
import io.clipper.storage.Rows;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's folder without a store. What it is to hold is made in a folder within it, and moved out when it is whole: the artifacts, which
 * nothing names yet, and then, as the last step, the database's file.
 */
record EmptyFolder(Path data) implements EmptyStore {
  /** What a process that died while it filled the folder leaves behind. */
  private static final String UNFINISHED = ".unfinished-store-";

  static EmptyFolder checked(Path data) {
    EmptyFolder folder = new EmptyFolder(data.toAbsolutePath().normalize());
    folder.checkEmpty();
    return folder;
  }

  @Override
  public <T> T fill(Content<T> content) throws IOException, SQLException {
    checkEmpty();
    List<Path> made = makeFolders();
    boolean whole = false;
    try {
      Path unfinished = Files.createTempDirectory(data, UNFINISHED);
      T result;
      try {
        ArtifactStore artifacts = ArtifactStore.open(unfinished.resolve(Store.ARTIFACTS));
        try (Database database = Database.in(unfinished)) {
          result = EmptyDatabase.fill(database, false, connection -> new InFolder(connection, database, artifacts), content);
        }
        appear(unfinished, artifacts);
        whole = true;
      } finally {
        delete(unfinished);
      }
      return result;
    } finally {
      if (!whole) {
        deleteEmpty(made);
      }
    }
  }

  private void checkEmpty() {
    if (Files.exists(data.resolve(Store.DATABASE_FILE))) {
      throw isNotEmpty();
    }
  }

  private Refused isNotEmpty() {
    return new Refused(Refused.Reason.CONFLICT, "there is a store in %s already: name a folder without one".formatted(data));
  }

  private void appear(Path unfinished, ArtifactStore artifacts) throws IOException {
    Path kept = Files.createDirectories(data.resolve(Store.ARTIFACTS));
    for (String sha256 : artifacts.all()) {
      // One that is there already has the same content.
      if (!Files.exists(kept.resolve(sha256))) {
        Files.move(artifacts.path(sha256), kept.resolve(sha256), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    force(kept);
    try {
      // A node may have started meanwhile: a link is refused where there is a file, which a move would replace.
      Files.createLink(data.resolve(Store.DATABASE_FILE), unfinished.resolve(Store.DATABASE_FILE));
    } catch (FileAlreadyExistsException another) {
      throw isNotEmpty();
    }
    force(data);
  }

  /** What was moved into a folder is on the disk once the folder is. */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Makes the folder and those above it, and returns the ones that it made, the innermost first. */
  private List<Path> makeFolders() throws IOException {
    List<Path> made = new ArrayList<>();
    for (Path folder = data; folder != null && !Files.exists(folder); folder = folder.getParent()) {
      made.add(folder);
    }
    Files.createDirectories(data);
    return made;
  }

  private static void deleteEmpty(List<Path> folders) throws IOException {
    for (Path folder : folders) {
      Files.deleteIfExists(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failed) throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private record InFolder(Connection connection, Database database, ArtifactStore artifacts) implements Filling {
    @Override
    public void artifact(String sha256, SharedArtifacts.Packing packing) throws IOException, SQLException {
      artifacts.unpack(sha256, packing);
    }

    @Override
    public void rows(Rows rows) throws IOException, SQLException {
      DatabaseRows.fill(connection, database, rows);
    }
  }
}
