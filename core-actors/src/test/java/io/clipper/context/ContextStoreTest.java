package io.clipper.context;

import static io.clipper.context.Lessons.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContextStoreTest {
  private static final ContextPartition SHOP = new ContextPartition("shop", 7, 3);

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource
  void aRowComesBackAsItWasWritten(TestDatabase kind) {
    try (Database database = TestDatabase.prepared(kind.fresh(directory));
        ContextStore store = ContextStore.open(database)) {
      ContextRow anna = row("anna", 1, 2);
      List<WrittenRow> written = store.write(SHOP, List.of(anna, row("bert", 3))).toCompletableFuture().join();

      ContextStore.Found found = read(store, SHOP, "anna");
      assertThat(found.row()).contains(anna);
      assertThat(written).contains(new WrittenRow("anna", 2, found.size()));
      assertThat(read(store, SHOP, "carl").row()).isEmpty();
      assertThat(read(store, new ContextPartition("shop", 7, 4), "anna").row()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRowIsNeverReplacedByOneOfFewerLessons(TestDatabase kind) {
    try (Database database = TestDatabase.prepared(kind.fresh(directory));
        ContextStore store = ContextStore.open(database)) {
      store.write(SHOP, List.of(row("anna", 1, 2, 3))).toCompletableFuture().join();
      store.write(SHOP, List.of(row("anna", 1, 2))).toCompletableFuture().join();
      assertThat(read(store, SHOP, "anna").row()).contains(row("anna", 1, 2, 3));

      store.write(SHOP, List.of(row("anna", 1, 2, 3, 4))).toCompletableFuture().join();
      assertThat(read(store, SHOP, "anna").row()).contains(row("anna", 1, 2, 3, 4));
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyAreReadAtOnce(TestDatabase kind) {
    try (Database database = TestDatabase.prepared(kind.fresh(directory));
        ContextStore store = ContextStore.open(database)) {
      List<ContextRow> rows = IntStream.range(1, 300).mapToObj(number -> row("c" + number, number)).toList();
      store.write(SHOP, rows).toCompletableFuture().join();

      List<CompletableFuture<ContextStore.Found>> reads = rows.stream().map(row -> store.read(SHOP, row.context()).toCompletableFuture()).toList();

      assertThat(reads.stream().map(CompletableFuture::join).map(ContextStore.Found::row).map(Optional::orElseThrow)).isEqualTo(rows);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherApplicationOfTheNameHasContextsOfItsOwn(TestDatabase kind) {
    try (Database database = TestDatabase.prepared(kind.fresh(directory));
        ContextStore store = ContextStore.open(database)) {
      ContextPartition later = new ContextPartition("shop", 12, 3);
      store.write(SHOP, List.of(row("anna", 1))).toCompletableFuture().join();
      store.write(later, List.of(row("anna", 4))).toCompletableFuture().join();
      store.forgetOthers(later);
      store.write(later, List.of()).toCompletableFuture().join();

      assertThat(read(store, SHOP, "anna").row()).isEmpty();
      assertThat(read(store, later, "anna").row()).contains(row("anna", 4));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoeverAsksADatabaseThatIsGoneHearsSo(TestDatabase kind) {
    Database database = TestDatabase.prepared(kind.fresh(directory));
    try (ContextStore store = ContextStore.open(database)) {
      database.close();

      assertThatThrownBy(() -> read(store, SHOP, "anna")).hasCauseInstanceOf(SQLException.class);
      assertThatThrownBy(() -> store.write(SHOP, List.of(row("anna", 1))).toCompletableFuture().join()).hasMessageContaining("cannot be written");
    }
  }

  private static ContextStore.Found read(ContextStore store, ContextPartition of, String context) {
    return store.read(of, context).toCompletableFuture().join();
  }
}
