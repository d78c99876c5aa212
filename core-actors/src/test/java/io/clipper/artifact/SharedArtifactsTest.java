package io.clipper.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SharedArtifactsTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path temporary = Path.of("");

  @ParameterizedTest
  @EnumSource
  void anotherNodeHasWhatOneKept(TestDatabase kind) throws IOException {
    try (Database database = database(kind)) {
      SharedArtifacts shared = new SharedArtifacts(database);
      ArtifactStore one = ArtifactStore.open(temporary.resolve("one"));
      ArtifactStore other = ArtifactStore.open(temporary.resolve("other"));
      String file = one.store(bytes(3 * MIB + 17));
      String edge = one.store(bytes(MIB - 1));
      String folder = one.store(folder());
      List.of(file, edge, folder).forEach(sha256 -> shared.keep(sha256, one));

      ArtifactFetcher fetcher = new ArtifactFetcher(other, List.of(shared));

      assertThat(fetcher.path(file)).hasBinaryContent(bytes(3 * MIB + 17));
      assertThat(fetcher.path(edge)).hasBinaryContent(bytes(MIB - 1));
      assertThat(fetcher.path(folder).resolve("net").resolve("model.py")).hasContent("abc");
      assertThat(List.of(file, edge, folder)).allMatch(other::isIntact);
    }
  }

  @ParameterizedTest
  @EnumSource
  void nodesMayKeepTheSameOneAtOnce(TestDatabase kind) throws IOException {
    try (Database database = database(kind)) {
      ArtifactStore store = ArtifactStore.open(temporary.resolve("one"));
      String sha256 = store.store(bytes(5 * MIB));

      CompletableFuture.allOf(
              IntStream.range(0, 2)
                  .mapToObj(node -> CompletableFuture.runAsync(() -> new SharedArtifacts(database).keep(sha256, store)))
                  .toArray(CompletableFuture<?>[]::new))
          .join();

      assertThat(new ArtifactFetcher(ArtifactStore.open(temporary.resolve("other")), List.of(new SharedArtifacts(database))).path(sha256))
          .hasBinaryContent(bytes(5 * MIB));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasRemovedIsNotThere(TestDatabase kind) throws IOException, SQLException {
    try (Database database = database(kind)) {
      SharedArtifacts shared = new SharedArtifacts(database);
      ArtifactStore store = ArtifactStore.open(temporary.resolve("one"));
      String sha256 = store.store(bytes(2 * MIB));
      shared.keep(sha256, store);

      shared.remove(sha256);

      ByteArrayOutputStream nothing = new ByteArrayOutputStream();
      assertThat(shared.fetch(sha256, nothing).toCompletableFuture().join()).isFalse();
      assertThat(nothing.size()).isZero();
      assertThat(database.<Integer>inTransaction(
              connection -> {
                try (Statement statement = connection.createStatement()) {
                  return statement.executeUpdate("DELETE FROM artifact_chunk");
                }
              }))
          .isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedChunkIsNoticed(TestDatabase kind) throws IOException, SQLException {
    try (Database database = database(kind)) {
      SharedArtifacts shared = new SharedArtifacts(database);
      ArtifactStore store = ArtifactStore.open(temporary.resolve("one"));
      String sha256 = store.store(bytes(2 * MIB));
      shared.keep(sha256, store);
      database.inTransaction(
          connection -> {
            try (Statement statement = connection.createStatement()) {
              return statement.executeUpdate("UPDATE artifact_chunk SET bytes = (SELECT bytes FROM artifact_chunk WHERE number = 1) WHERE number = 0");
            }
          });

      ArtifactStore other = ArtifactStore.open(temporary.resolve("other"));
      Refused refused = catchThrowableOfType(Refused.class, () -> new ArtifactFetcher(other, List.of(shared)).path(sha256));

      assertThat(refused).hasMessageContaining("the shared database");
      assertThat(other.holds(sha256)).isFalse();
    }
  }

  private Database database(TestDatabase kind) throws IOException {
    return TestDatabase.prepared(kind.fresh(Files.createDirectories(temporary.resolve("database"))));
  }

  private Path folder() throws IOException {
    Path folder = temporary.resolve("source");
    Files.writeString(Files.createDirectories(folder.resolve("net")).resolve("model.py"), "abc");
    Files.writeString(folder.resolve("requirements.txt"), "numpy==2.4.6");
    return folder;
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(length).nextBytes(bytes);
    return bytes;
  }
}
