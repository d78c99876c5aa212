package io.clipper.load;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Every event that a PostgreSQL ever had in its journal. Nodes delete a ledger's events when a snapshot holds what they came to; the database
 * puts those aside, so that the whole journal can be replayed from its first event.
 */
final class KeptJournal implements AutoCloseable {
  private final Connection connection;
  private final String persistenceId;

  private KeptJournal(Connection connection, String persistenceId) {
    this.connection = connection;
    this.persistenceId = persistenceId;
  }

  /** Of the database's one ledger of that application, from now on; the tables are there. */
  static KeptJournal of(String jdbc, String application) throws SQLException {
    KeptJournal kept = new KeptJournal(DriverManager.getConnection(jdbc), "ledger|%s/0".formatted(application));
    kept.execute("CREATE TABLE kept_journal AS SELECT * FROM event_journal WHERE false");
    kept.execute(
        """
        CREATE FUNCTION keep_event() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO kept_journal SELECT OLD.*; RETURN OLD; END $$
        """);
    kept.execute("CREATE TRIGGER keep_event BEFORE DELETE ON event_journal FOR EACH ROW EXECUTE FUNCTION keep_event()");
    return kept;
  }

  /** What the ledger's snapshot saves a replay: events that are not in the journal any more. */
  long deleted() throws SQLException {
    return count("SELECT count(*) FROM kept_journal WHERE persistence_id = '%s'".formatted(persistenceId));
  }

  /**
   * The journal as if there had never been a snapshot of the ledger; no node runs.
   *
   * @return how many events the ledger has
   */
  long restore() throws SQLException {
    execute("DROP TRIGGER keep_event ON event_journal");
    execute("ALTER TABLE event_journal DISABLE TRIGGER USER"); // they come before what is there
    execute("INSERT INTO event_journal SELECT * FROM kept_journal WHERE persistence_id = '%s'".formatted(persistenceId));
    execute("ALTER TABLE event_journal ENABLE TRIGGER USER");
    execute("UPDATE event_journal SET deleted = false WHERE persistence_id = '%s'".formatted(persistenceId));
    execute("DELETE FROM snapshot WHERE persistence_id = '%s'".formatted(persistenceId));
    long events = count("SELECT count(*) FROM event_journal WHERE persistence_id = '%s'".formatted(persistenceId));
    long last = count("SELECT max(sequence_number) FROM event_journal WHERE persistence_id = '%s'".formatted(persistenceId));
    if (events == 0 || events != last) {
      throw new SQLException("of the %d events of %s there are %d".formatted(last, persistenceId, events));
    }
    return events;
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long count(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
