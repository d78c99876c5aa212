package io.clipper.load;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Follows the journal while it is written: who wrote last of each persistence id, and whether one wrote again after another had. */
final class JournalWriters implements AutoCloseable {
  private static final String NEWS = "SELECT ordering, persistence_id, writer FROM event_journal WHERE ordering > ? ORDER BY ordering";

  private record Written(String last, Set<String> before) {}

  private final Map<String, Written> written = new LinkedHashMap<>();
  private final Thread following;
  private long reached;
  private long events;
  private long returned;
  private String failure = "";

  private JournalWriters(String jdbc) {
    this.following = Thread.ofVirtual().name("journal-writers").start(() -> follow(jdbc));
  }

  static JournalWriters of(String jdbc) {
    return new JournalWriters(jdbc);
  }

  /** Ends it and judges what was written. */
  void judge(Report report) throws InterruptedException {
    following.interrupt();
    following.join();
    report.line("journal: %,d events of %d persistence ids, %d of which had more than one writer".formatted(events, written.size(), written.values().stream().filter(each -> !each.before().isEmpty()).count()));
    report.bar(failure.isEmpty() && events > 0, "the journal could be followed %s".formatted(failure));
    report.bar(returned == 0, "events of a writer after another wrote: %d (0)".formatted(returned));
  }

  private void follow(String jdbc) {
    try (Connection connection = DriverManager.getConnection(jdbc);
        PreparedStatement news = connection.prepareStatement(NEWS)) {
      while (true) {
        read(news);
        TimeUnit.MILLISECONDS.sleep(200);
      }
    } catch (SQLException unreadable) {
      failure = String.valueOf(unreadable.getMessage());
    } catch (InterruptedException judged) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(PreparedStatement news) throws SQLException {
    news.setLong(1, reached);
    try (ResultSet rows = news.executeQuery()) {
      while (rows.next()) {
        reached = rows.getLong(1);
        note(rows.getString(2), rows.getString(3));
      }
    }
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

  @Override
  public void close() {
    following.interrupt();
  }
}
