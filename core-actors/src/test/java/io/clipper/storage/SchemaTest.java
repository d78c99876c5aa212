package io.clipper.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchemaTest {
  @TempDir private Path directory;

  @Test
  void everyDialectHasTheSameTablesAndColumns() {
    assertThat(columns(Dialect.H2)).isEqualTo(columns(Dialect.POSTGRESQL)).containsKeys("event_journal", "snapshot", "prediction_log", "artifact");
    assertThat(columns(Dialect.H2).get("event_tag")).containsExactly("event_id", "tag");
  }

  @ParameterizedTest
  @EnumSource
  void aNodeThatMayNotMakeTablesTakesThoseOfThePrintedScript(TestDatabase kind) throws SQLException {
    String url = kind.fresh(directory);
    try (Database administrator = Database.at(url)) {
      administrator.run(Schema.script(administrator.dialect()));
      administrator.run(Schema.script(administrator.dialect()));
    }

    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      assertThatCode(() -> Schema.prepare(node)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutThemItSaysWhatPrintsTheScriptAndMakesNone(TestDatabase kind) throws SQLException {
    String url = kind.fresh(directory);
    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      for (int attempt = 0; attempt < 2; attempt++) {
        Refused refused = catchThrowableOfType(Refused.class, () -> Schema.prepare(node));
        assertThat(refused).hasMessageContaining("event_journal").hasMessageContaining("./clipper store schema");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void itIsThereOnceItIsMadeAsAWhole(TestDatabase kind) throws SQLException {
    try (Database database = Database.at(kind.fresh(directory))) {
      assertThat(Schema.isThere(database)).isFalse();

      Schema.prepare(database);
      assertThat(Schema.isThere(database)).isTrue();

      database.run("ALTER TABLE prediction_log DROP COLUMN size;\n");
      assertThat(Schema.isThere(database)).isFalse();

      Schema.drop(database);
      Schema.prepare(database);
      assertThat(Schema.isThere(database)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whichDatabaseItIsStaysTheSame(TestDatabase kind) throws SQLException {
    try (Database database = TestDatabase.prepared(kind.fresh(directory));
        Database other = TestDatabase.prepared(kind.fresh(directory.resolve("other")))) {
      String id = Schema.storeId(database);

      Schema.prepare(database);
      assertThat(Schema.storeId(database)).isEqualTo(id);
      assertThat(Schema.storeId(other)).isNotEqualTo(id);
    }
  }

  /** Of a database whose tables were made by an older script, or by somebody without its last step. */
  @Test
  void aDatabaseThatDoesNotSayWhichItIsIsNoticed() throws SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(directory);
    try (Database administrator = Database.at(url)) {
      administrator.run(Schema.script(Dialect.POSTGRESQL));
      administrator.run("DELETE FROM clipper_store;\n");
    }

    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      assertThat(catchThrowableOfType(Refused.class, () -> Schema.prepare(node)))
          .hasMessageContaining("clipper_store")
          .hasMessageContaining("./clipper store schema");
    }
  }

  @Test
  void aColumnThatIsMissingIsNoticed() throws SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(directory);
    try (Database administrator = Database.at(url)) {
      administrator.run(Schema.script(Dialect.POSTGRESQL));
      administrator.run("ALTER TABLE prediction_log DROP COLUMN size;\n");
    }

    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      assertThat(catchThrowableOfType(Refused.class, () -> Schema.prepare(node))).hasMessageContaining("size");
    }
  }

  /** Of a database whose tables were made by an older script. */
  @Test
  void aTriggerThatIsMissingIsNoticed() throws SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(directory);
    try (Database administrator = Database.at(url)) {
      administrator.run(Schema.script(Dialect.POSTGRESQL));
      administrator.run("DROP TRIGGER clipper_next_event ON event_journal;\n");
    }

    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      assertThat(catchThrowableOfType(Refused.class, () -> Schema.prepare(node)))
          .hasMessageContaining("clipper_next_event")
          .hasMessageContaining("./clipper store schema");
    }
    try (Database node = Database.at(url)) {
      Schema.prepare(node);
    }
    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      assertThatCode(() -> Schema.prepare(node)).doesNotThrowAnyException();
    }
  }

  @Test
  void aTriggerOfAnotherSchemaOrOneThatIsOffIsNone() throws SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(directory);
    try (Database administrator = Database.at(url)) {
      administrator.run("CREATE SCHEMA other;\nSET LOCAL search_path TO other;\n" + Schema.script(Dialect.POSTGRESQL));
      administrator.run(Schema.script(Dialect.POSTGRESQL));
      administrator.run("DROP TRIGGER clipper_next_event ON event_journal;\n");
    }
    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      assertThat(catchThrowableOfType(Refused.class, () -> Schema.prepare(node))).hasMessageContaining("clipper_next_event");
    }

    try (Database administrator = Database.at(url)) {
      administrator.run(Schema.script(Dialect.POSTGRESQL));
      administrator.run("ALTER TABLE event_journal DISABLE TRIGGER clipper_next_event;\n");
    }
    try (Database node = Database.open(DatabaseAddress.at(url), false)) {
      assertThat(catchThrowableOfType(Refused.class, () -> Schema.prepare(node))).hasMessageContaining("clipper_next_event");
    }
  }

  /** As nodes do that start together on a shared database. */
  @ParameterizedTest
  @EnumSource
  void manyMayMakeTheTablesAtOnce(TestDatabase kind) {
    String url = kind.fresh(directory);

    List<CompletableFuture<Void>> nodes =
        IntStream.range(0, 8).mapToObj(node -> CompletableFuture.runAsync(() -> TestDatabase.prepared(url).close())).toList();

    assertThat(nodes).allSatisfy(node -> assertThat(node).succeedsWithin(Duration.ofSeconds(20)));
  }

  @Test
  void theScriptRunsOutsideOfATransactionToo() throws SQLException {
    try (var connection = DriverManager.getConnection(TestDatabase.POSTGRESQL.fresh(directory));
        var statement = connection.createStatement()) {
      assertThat(statement.execute(Schema.script(Dialect.POSTGRESQL))).isTrue();
    }
  }

  private static Map<String, Set<String>> columns(Dialect dialect) {
    Map<String, Set<String>> columns = new TreeMap<>();
    List<Schema.Table> tables = Schema.tables(dialect);
    tables.forEach(table -> columns.put(table.name(), new TreeSet<>(table.columnNames())));
    return columns;
  }
}
