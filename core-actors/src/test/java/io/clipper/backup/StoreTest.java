package io.clipper.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import io.clipper.storage.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What only looks at a store makes nothing. */
class StoreTest {
  @TempDir private Path temporary = Path.of("");

  @Test
  void aFolderWithoutAStoreIsRefused() {
    assertThat(refusal(() -> Store.kept(temporary)).reason()).isEqualTo(Refused.Reason.NOT_FOUND);
    assertThat(refusal(() -> Store.kept(temporary.resolve("none"))).reason()).isEqualTo(Refused.Reason.NOT_FOUND);

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void aDatabaseFileThatIsNotThereIsNotMade() {
    String url = "jdbc:h2:file:" + temporary.resolve("none").resolve("clipper");

    assertThat(refusal(() -> Store.kept(url, Optional.empty()))).hasMessageContaining("--jdbc");

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void aFileThatIsNoDatabaseIsRefused() throws IOException {
    Files.writeString(temporary.resolve("clipper.mv.db"), "mine");

    assertThat(refusal(() -> Store.kept(temporary))).hasMessageContaining("no database in " + temporary);

    assertThat(temporary.resolve("clipper.mv.db")).hasContent("mine");
    assertThat(files()).containsExactly("clipper.mv.db");
  }

  @Test
  void aFolderWithAnotherDatabaseIsRefused() throws IOException {
    Database.in(temporary).close();

    assertThat(refusal(() -> Store.kept(temporary)).reason()).isEqualTo(Refused.Reason.NOT_FOUND);

    assertThat(files()).containsExactly("clipper.mv.db");
  }

  @ParameterizedTest
  @EnumSource
  void aDatabaseWithoutTheTablesIsRefusedAndGetsNone(TestDatabase kind) {
    String url = kind.fresh(temporary);
    Database.at(url).close();

    Refused refused = refusal(() -> Store.kept(url, Optional.empty()));

    assertThat(refused.reason()).isEqualTo(Refused.Reason.NOT_FOUND);
    assertThat(refused.getMessage()).contains("there is no store of this version").contains("a node that starts on").doesNotContain("\n");
    try (Database database = Database.at(url)) {
      assertThat(Schema.isThere(database)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFolderWithoutArtifactsIsNoPlaceForThem(TestDatabase kind) {
    String url = kind.fresh(temporary.resolve("database"));
    TestDatabase.prepared(url).close();
    Path none = temporary.resolve("none");

    assertThat(refusal(() -> Store.kept(url, Optional.of(none))).reason()).isEqualTo(Refused.Reason.NOT_FOUND);

    assertThat(none).doesNotExist();
    try (Store store = Store.kept(url, Optional.empty())) {
      assertThat(store.folder()).isEmpty();
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static Refused refusal(Opening opening) {
    return catchThrowableOfType(Refused.class, () -> opening.open().close());
  }

  @FunctionalInterface
  private interface Opening {
    Store open();
  }
}
