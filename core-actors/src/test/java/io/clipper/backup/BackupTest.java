package io.clipper.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import io.clipper.artifact.ArtifactFetcher;
import io.clipper.artifact.ArtifactStore;
import io.clipper.artifact.SharedArtifacts;
import io.clipper.storage.Database;
import io.clipper.storage.DatabaseRows;
import io.clipper.storage.RowSink;
import io.clipper.storage.Rows;
import io.clipper.storage.Schema;
import io.clipper.storage.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BackupTest {
  private static final int GROUPS = 1200;

  @TempDir private Path temporary = Path.of("");

  static Stream<Arguments> everyWay() {
    return Arrays.stream(TestDatabase.values()).flatMap(from -> Arrays.stream(TestDatabase.values()).map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void aMovedStoreHasAllThatTheOtherHad(TestDatabase from, TestDatabase to) throws IOException, SQLException {
    Place place = place(to, "new");
    try (Store old = filled(from)) {
      Backup.Size size = Backup.move(old, place.empty());

      assertThat(size).isEqualTo(new Backup.Size(4 + GROUPS, 2));
      try (Store moved = place.kept()) {
        assertSame(moved, old);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void aRestoredBackupHasAllThatWasBackedUp(TestDatabase from, TestDatabase to) throws IOException, SQLException {
    Path file = temporary.resolve("backup");
    Place place = place(to, "new");
    try (Store old = filled(from)) {
      Backup.Size size = Backup.write(old, file);

      assertThat(Backup.restore(file, place.empty())).isEqualTo(size).isEqualTo(new Backup.Size(4 + GROUPS, 2));
      try (Store restored = place.kept()) {
        assertSame(restored, old);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void whatIsWrittenAfterwardsComesAfterwards(TestDatabase from, TestDatabase to) throws IOException, SQLException {
    Place place = place(to, "new");
    try (Store old = filled(from)) {
      Backup.move(old, place.empty());
    }
    try (Store moved = place.kept()) {
      long ordering = moved.database().<Long>inTransaction(connection -> orderingOfNext(connection, moved.database().isH2() ? "\"" : ""));

      assertThat(ordering).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void aStoreThatIsInUseIsNotFilled(TestDatabase from, TestDatabase to) throws IOException, SQLException {
    EmptyStore used = place(to, "new").empty();
    try (Store old = filled(from)) {
      Backup.move(old, used);

      Refused refused = catchThrowableOfType(Refused.class, () -> Backup.move(old, used));

      assertThat(refused.reason()).isEqualTo(Refused.Reason.CONFLICT);
      assertThat(refused).hasMessageContaining("already");
    }
  }

  /** They know that there is nothing, and would write over what comes. */
  @Test
  void aDatabaseIsNotFilledWhileNodesAreAtWorkOnIt() throws IOException, SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(temporary);
    try (Store old = filled(TestDatabase.H2);
        Database nodes = TestDatabase.prepared(url)) {
      TestDatabase.run(nodes, "INSERT INTO clipper_member (address, seen_at) VALUES ('10.0.0.5:25520', CURRENT_TIMESTAMP);\n");

      Refused refused = catchThrowableOfType(Refused.class, () -> Backup.move(old, EmptyStore.at(url)));
      assertThat(refused.reason()).isEqualTo(Refused.Reason.CONFLICT);
      assertThat(refused).hasMessageContaining("the node 10.0.0.5:25520 signed in it within 10 s");

      TestDatabase.run(nodes, "UPDATE clipper_member SET seen_at = CURRENT_TIMESTAMP - INTERVAL '11' SECOND;\n");
      Backup.move(old, EmptyStore.at(url));
      assertThat(Schema.storeId(nodes)).as("it is another database").isNotEqualTo(Schema.storeId(old.database()));
    }
  }

  @ParameterizedTest
  @MethodSource("everyWay")
  void ofADamagedFileNothingComes(TestDatabase from, TestDatabase to) throws IOException, SQLException {
    Path file = temporary.resolve("backup");
    try (Store old = filled(from)) {
      Backup.write(old, file);
    }
    byte[] whole = Files.readAllBytes(file);
    Place place = place(to, "new");
    SplittableRandom random = new SplittableRandom(7);
    for (int attempt = 0; attempt < 8; attempt++) {
      // The central directory at the end says nothing new: what is cut or changed lies before it.
      Files.write(file, Arrays.copyOf(whole, random.nextInt(whole.length - 400)));

      assertThat(catchThrowableOfType(Refused.class, () -> Backup.restore(file, place.empty()))).isNotNull();
      assertThat(catchThrowableOfType(Refused.class, place::kept).reason()).isEqualTo(Refused.Reason.NOT_FOUND);
      assertThat(place.data()).doesNotExist();
    }

    Files.write(file, whole);
    assertThat(Backup.restore(file, place.empty()).artifacts()).isEqualTo(2);
  }

  @Test
  void aRestoreThatFailsLeavesAFolderOrADatabaseAsItWas() throws IOException {
    Path file = Files.writeString(temporary.resolve("backup"), "mine");
    Path folder = Files.createDirectories(temporary.resolve("new"));
    Files.writeString(folder.resolve("notes"), "mine too");
    String url = "jdbc:h2:file:" + temporary.resolve("h2").resolve("shared");
    Database.at(url).close();

    assertThat(catchThrowableOfType(Refused.class, () -> Backup.restore(file, EmptyStore.in(folder)))).hasMessageContaining("no backup");
    assertThat(catchThrowableOfType(Refused.class, () -> Backup.restore(file, EmptyStore.at(url)))).hasMessageContaining("no backup");

    assertThat(folder).isDirectoryContaining("glob:**notes").isDirectoryNotContaining(entry -> !entry.endsWith("notes"));
    assertThat(catchThrowableOfType(Refused.class, () -> Store.kept(url, Optional.empty())).reason()).isEqualTo(Refused.Reason.NOT_FOUND);
  }

  @Test
  void anArchiveWithSomethingElseInItIsNoBackup() throws IOException {
    for (String entry : List.of("notes", "artifacts/..", "artifacts/" + "A".repeat(64))) {
      Path file = temporary.resolve("other.zip");
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
        zip.putNextEntry(new ZipEntry("clipper-store-1"));
        zip.putNextEntry(new ZipEntry(entry));
      }

      Refused refused = catchThrowableOfType(Refused.class, () -> Backup.restore(file, EmptyStore.in(temporary.resolve("new"))));

      assertThat(refused.reason()).isEqualTo(Refused.Reason.INVALID);
      assertThat(refused).hasMessageContaining("no backup that this version can read").hasMessageContaining(entry);
    }
  }

  @Test
  void aFileThatIsThereStays() throws IOException, SQLException {
    Path file = Files.writeString(temporary.resolve("backup"), "mine");
    try (Store old = filled(TestDatabase.H2)) {
      assertThat(catchThrowableOfType(Refused.class, () -> Backup.write(old, file)).reason()).isEqualTo(Refused.Reason.EXISTS);
    }
    assertThat(file).hasContent("mine");
  }

  private static long orderingOfNext(Connection connection, String quote) throws SQLException {
    String columns = "`persistence_id`, `sequence_number`, `writer`, `write_timestamp`, `adapter_manifest`, `event_ser_id`, `event_ser_manifest`, `event_payload`";
    String insert = "INSERT INTO `event_journal` (%s) VALUES ('ledger', 3, 'w', 1, '', 13370, '', ?)".formatted(columns);
    try (PreparedStatement next = connection.prepareStatement(insert.replace("`", quote));
        Statement statement = connection.createStatement()) {
      next.setBytes(1, new byte[1]);
      next.executeUpdate();
      try (ResultSet row = statement.executeQuery("SELECT MAX(`ordering`) FROM `event_journal`".replace("`", quote))) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private Store filled(TestDatabase kind) throws IOException, SQLException {
    Place place = place(kind, "old");
    ArtifactStore folder = ArtifactStore.open(place.data().resolve("artifacts"));
    String model = folder.store("model".getBytes(StandardCharsets.UTF_8));
    Path source = Files.createDirectories(temporary.resolve("source"));
    Files.writeString(source.resolve("model.py"), "abc");
    folder.store(source);
    try (Database database = TestDatabase.prepared(place.url())) {
      database.<Integer>inTransaction(
          connection -> {
            try {
              DatabaseRows.fill(connection, database, BackupTest::sample);
              return GROUPS;
            } catch (IOException failed) {
              throw new UncheckedIOException(failed);
            }
          });
      if (database.isH2()) {
        // No other database keeps such a name, and no node reads it any more.
        TestDatabase.run(database, "INSERT INTO context VALUES ('digits', 1, 3, 'a' || CHAR(0), 1, X'00');\n");
      } else {
        // One is in the database alone.
        new SharedArtifacts(database).keep(model, folder);
        folder.remove(model);
      }
    }
    return kind == TestDatabase.H2 ? place.kept() : Store.kept(place.url(), Optional.of(place.data()));
  }

  private Place place(TestDatabase kind, String name) {
    Path data = temporary.resolve(name);
    return new Place(kind, data, kind.fresh(data));
  }

  /** Where a store is, or is to be. */
  private record Place(TestDatabase kind, Path data, String url) {
    EmptyStore empty() {
      return kind == TestDatabase.H2 ? EmptyStore.in(data) : EmptyStore.at(url);
    }

    Store kept() {
      return kind == TestDatabase.H2 ? Store.kept(data) : Store.kept(url, Optional.empty());
    }
  }

  private static void sample(RowSink sink) throws IOException, SQLException {
    List<String> journal =
        List.of("ordering", "persistence_id", "sequence_number", "deleted", "writer", "write_timestamp", "adapter_manifest", "event_ser_id",
            "event_ser_manifest", "event_payload", "meta_ser_id", "meta_payload");
    sink.table("event_journal", journal);
    // A database gives its rows in any order.
    sink.row(new @Nullable Object[] {41L, "ledger", 2L, false, "writer", Long.MAX_VALUE, "", 13370L, "", new byte[0], 3L, new byte[] {9}});
    sink.row(new @Nullable Object[] {40L, "ledger", 1L, true, "writer", 5L, "", 13370L, "é→", new byte[] {0, 1, -1}, null, null});
    sink.table("event_tag", List.of("event_id", "tag"));
    sink.row(new @Nullable Object[] {41L, "tag"});
    sink.table("snapshot", List.of("persistence_id", "sequence_number", "created", "snapshot_ser_id", "snapshot_ser_manifest", "snapshot_payload"));
    sink.row(new @Nullable Object[] {"ledger", 2L, 6L, 13370L, "", new byte[1 << 20]});
    sink.table("context", List.of("application", "incarnation", "part", "name", "number", "learned"));
    // As a backup of an earlier version may have it.
    sink.row(new @Nullable Object[] {"digits", 1L, 3L, "b\u0000", 1L, new byte[0]});
    sink.table("prediction_log", List.of("application", "part", "first_id", "last_id", "written_at", "size", "entries"));
    for (long group = 0; group < GROUPS; group++) {
      sink.row(new @Nullable Object[] {"digits", 3L, group, group + 1, 7L, 2L, new byte[] {(byte) group, 2}});
    }
  }

  private void assertSame(Store copy, Store original) throws IOException, SQLException {
    assertThat(rows(copy)).hasSize(4 + GROUPS).containsExactlyInAnyOrderElementsOf(rows(original));
    assertThat(artifacts(copy)).isEqualTo(artifacts(original)).hasSize(2);
    ArtifactStore node = copy.database().isH2() ? copy.folder().orElseThrow() : ArtifactStore.open(temporary.resolve("node"));
    ArtifactFetcher fetcher = new ArtifactFetcher(node, List.of(new SharedArtifacts(copy.database())));
    for (String sha256 : artifacts(copy)) {
      fetcher.path(sha256);
      assertThat(node.isIntact(sha256)).isTrue();
    }
  }

  private static Set<String> artifacts(Store store) throws SQLException {
    return store.asOfOneMoment(Snapshot::artifacts);
  }

  /** Each as text in which the order of columns does not show. */
  private static List<String> rows(Store store) throws SQLException {
    return store.asOfOneMoment(snapshot -> rows(snapshot.rows()));
  }

  private static List<String> rows(Rows from) throws IOException, SQLException {
    List<String> rows = new ArrayList<>();
    from.into(
            new RowSink() {
              private String table = "";
              private List<String> columns = List.of();

              @Override
              public void table(String name, List<String> names) {
                table = name;
                columns = names;
              }

              @Override
              public void row(@Nullable Object[] values) {
                TreeMap<String, String> named = new TreeMap<>();
                for (int i = 0; i < values.length; i++) {
                  named.put(columns.get(i), values[i] instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(values[i]));
                }
                rows.add(table + named);
              }
            });
    return rows;
  }
}
