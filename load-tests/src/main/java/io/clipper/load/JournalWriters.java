package io.clipper.load;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who wrote each event of a PostgreSQL's journal, and whether one wrote again after another had. The database notes it as events are written: one
 * that is deleted soon, or is written late under an early number, is among them too.
 */
final class JournalWriters implements AutoCloseable {
  private record Written(String last, Set<String> before) {}

  private final Connection connection;
  private final Map<String, Written> written = new HashMap<>();
  private long events;
  private long returned;

  private JournalWriters(Connection connection) {
    this.connection = connection;
  }

  /** From now on; the journal's table is there. */
  static JournalWriters of(String jdbc) throws SQLException {
    JournalWriters writers = new JournalWriters(DriverManager.getConnection(jdbc));
    writers.execute("CREATE TABLE journal_writer (noted bigserial, persistence_id text, sequence_number bigint, writer text)");
    writers.execute(
        """
        CREATE FUNCTION note_writer() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
          INSERT INTO journal_writer (persistence_id, sequence_number, writer) VALUES (NEW.persistence_id, NEW.sequence_number, NEW.writer);
          RETURN NULL;
        END $$
        """);
    writers.execute("CREATE TRIGGER note_writer AFTER INSERT ON event_journal FOR EACH ROW EXECUTE FUNCTION note_writer()");
    return writers;
  }

  void judge(Report report) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT persistence_id, writer FROM journal_writer ORDER BY persistence_id, sequence_number, noted")) {
      while (rows.next()) {
        note(rows.getString(1), rows.getString(2));
      }
    }
    long several = written.values().stream().filter(each -> !each.before().isEmpty()).count();
    report.bar(events > 0, "journal: %,d events of %d persistence ids, %d of which had more than one writer".formatted(events, written.size(), several));
    report.bar(returned == 0, "events of a writer after another wrote: %d (0)".formatted(returned));
  }

  private void note(String persistenceId, String writer) {
    events++;
    Written so = written.computeIfAbsent(persistenceId, first -> new Written(writer, Set.of()));
    if (!so.last().equals(writer)) {
      Set<String> before = new HashSet<>(so.before());
      before.add(so.last());
      written.put(persistenceId, new Written(writer, before));
      returned += so.before().contains(writer) ? 1 : 0;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
