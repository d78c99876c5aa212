package io.clipper.load;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a scenario's node keeps what it learns: a file under its data, a PostgreSQL that is started for it, or a database that is there.
 */
final class Store implements AutoCloseable {
  /** Bytes of one row of a bare loop: about an event of one lesson. */
  private static final int EVENT_BYTES = 512;

  private final String name;
  private final Optional<String> url;
  private final String bareUrl;
  private final Optional<EmbeddedPostgres> started;

  private Store(String name, Optional<String> url, String bareUrl, Optional<EmbeddedPostgres> started) {
    this.name = name;
    this.url = url;
    this.bareUrl = bareUrl;
    this.started = started;
  }

  /** @param wanted {@code h2}, {@code postgresql}, or the URL of an empty database */
  static Store open(String wanted, Path folder) throws IOException {
    return switch (wanted) {
      case "h2" -> {
        String bare = "jdbc:h2:file:%s;WRITE_DELAY=0".formatted(folder.resolve("bare").toAbsolutePath());
        yield new Store("H2", Optional.empty(), bare, Optional.empty());
      }
      case "postgresql" -> {
        EmbeddedPostgres server = durable();
        String url = server.getJdbcUrl("postgres", "postgres");
        yield new Store("PostgreSQL", Optional.of(url), url, Optional.of(server));
      }
      default -> new Store(wanted.replaceAll("[?;].*$", "").replaceAll("//[^/@]*@", "//"), Optional.of(wanted), wanted, Optional.empty());
    };
  }

  /** A server made for tests does not wait for the disk; what is acknowledged here is on it. */
  private static EmbeddedPostgres durable() throws IOException {
    EmbeddedPostgres server = EmbeddedPostgres.builder().setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on").start();
    try (Connection connection = server.getPostgresDatabase().getConnection()) {
      for (String setting : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
        if (!shown(connection, setting).equals("on")) {
          throw new IOException("PostgreSQL runs with %s off".formatted(setting));
        }
      }
      return server;
    } catch (IOException | SQLException failed) {
      server.close();
      throw new IOException(failed);
    }
  }

  private static String shown(Connection connection, String setting) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet shown = statement.executeQuery("SHOW " + setting)) {
      return shown.next() ? shown.getString(1).toLowerCase(Locale.ROOT) : "";
    }
  }

  String name() {
    return name;
  }

  /** What {@code --jdbc} is given; empty: nothing. */
  Optional<String> url() {
    return url;
  }

  /** How many rows a second one connection writes, each on the disk before the next. */
  double bareWritesPerSecond(Duration time) {
    try (Connection connection = bareUrl.startsWith("jdbc:h2:") ? DriverManager.getConnection(bareUrl, "sa", "") : DriverManager.getConnection(bareUrl)) {
      return BareWrites.perSecond(connection, EVENT_BYTES, time);
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Override
  public void close() throws IOException {
    if (started.isPresent()) {
      started.get().close();
    }
  }
}
