package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.artifact.ArtifactStore;
import io.clipper.backup.Store;
import io.clipper.node.terminal.Terminal;
import io.clipper.storage.Database;
import io.clipper.storage.Dialect;
import io.clipper.storage.Schema;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder = Path.of("");

  @Test
  void theSchemaOfEachDialectIsPrinted() {
    assertThat(run("store", "schema")).isZero();
    assertThat(out.toString().lines()).containsExactlyElementsOf(Schema.script(Dialect.POSTGRESQL).lines().toList());

    assertThat(run("store", "schema", "--dialect", "h2")).isZero();
    assertThat(out.toString()).contains("CREATE TABLE IF NOT EXISTS PUBLIC.\"event_journal\"");
    assertThat(run("store", "schema", "--dialect", "oracle")).isEqualTo(2);
  }

  @Test
  void whatIsBackedUpIsRestoredElsewhere() {
    makeStore();
    String file = folder.resolve("backup").toString();
    String elsewhere = folder.resolve("elsewhere").toString();

    assertThat(run("store", "backup", file, "--data", folder.toString())).isZero();
    assertThat(out.toString()).contains("0 rows and 1 artifacts", "next: ./clipper store restore " + file);
    assertThat(run("store", "restore", file, "--data", elsewhere)).isZero();
    assertThat(out.toString()).contains("restored 0 rows and 1 artifacts", "next: ./clipper up --data " + elsewhere);

    try (Store restored = Store.kept(Path.of(elsewhere))) {
      assertThat(restored.folder().orElseThrow().all()).hasSize(1);
    }
  }

  @Test
  void whatCannotBeDoneIsOneLine() {
    Path none = folder.resolve("none");
    Path file = folder.resolve("backup");
    makeStore();
    Stream.of(
            "backup %s --data %s".formatted(file, none),
            "backup %s --jdbc jdbc:h2:file:%s".formatted(file, none.resolve("clipper")),
            "backup %s --jdbc jdbc:h2:file:%s --data %s".formatted(file, folder.resolve("clipper"), none),
            "move --from-data %s --to-jdbc jdbc:h2:mem:unused".formatted(none),
            "move --from-data %s --to-jdbc jdbc:mysql://u:secret@h/d".formatted(folder))
        .forEach(words -> assertRefused(1, words));
    assertRefused(2, "restore %s --data %s".formatted(none.resolve("no-file"), none));
    assertThat(none).doesNotExist();
    assertThat(file).doesNotExist();
  }

  @Test
  void aStoreThatIsThereIsNotOverwritten() {
    String file = folder.resolve("backup").toString();
    makeStore();
    assertThat(run("store", "backup", file, "--data", folder.toString())).isZero();

    assertRefused(1, "restore %s --data %s".formatted(file, folder));
    assertThat(err.toString()).contains("already");
    assertRefused(1, "backup %s --data %s".formatted(file, folder));
  }

  private void makeStore() {
    try (Database database = Database.in(folder)) {
      Schema.prepare(database);
    }
    ArtifactStore.open(folder.resolve("artifacts")).store("model".getBytes(StandardCharsets.UTF_8));
  }

  private void assertRefused(int code, String words) {
    err.getBuffer().setLength(0);
    assertThat(run(("store " + words).split(" "))).as(words).isEqualTo(code);
    assertThat(err.toString().strip().lines()).as(words).hasSize(1).allMatch(line -> line.startsWith("clipper: ") && !line.contains("secret"));
  }

  private int run(String... words) {
    return ClipperCommand.line(new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false)).execute(words);
  }
}
