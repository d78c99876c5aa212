package io.clipper.storage;

import com.typesafe.config.Config;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The databases that everything kept must survive in. PostgreSQL is a real one, started once for all tests of a JVM, stopped with it. */
public enum TestDatabase {
  H2 {
    @Override
    public String fresh(Path directory) {
      return DatabaseAddress.in(directory).url();
    }

    @Override
    public Connection holding(String url, String table) throws SQLException {
      return with("SET EXCLUSIVE 1", DriverManager.getConnection(url, "sa", ""));
    }
  },
  POSTGRESQL {
    @Override
    public String fresh(Path directory) {
      return Server.newDatabase();
    }

    @Override
    public Connection holding(String url, String table) throws SQLException {
      Connection connection = DriverManager.getConnection(url);
      connection.setAutoCommit(false);
      return with("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE".formatted(table), connection);
    }
  };

  /**
   * The URL of an empty database.
   *
   * @param directory for one that is a file; the same database, if asked with the same again
   */
  public abstract String fresh(Path directory);

  /** A connection that keeps all others from that table until it is closed. */
  public abstract Connection holding(String url, String table) throws SQLException;

  /** Opens the database of that URL, with the tables that a node makes. */
  public static Database prepared(String url) {
    Database database = Database.at(url);
    Schema.prepare(database);
    return database;
  }

  /** What {@code --jdbc} with that URL sets. */
  public static Config config(String url) {
    return Storage.config(Path.of("unused"), Optional.of(url));
  }

  /** A script of statements, each of which ends with a semicolon at the end of a line. */
  public static void run(Database database, String script) throws SQLException {
    database.run(script);
  }

  private static Connection with(String sql, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    return connection;
  }

  private static final class Server {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(60)).start();
      } catch (IOException failed) {
        throw new UncheckedIOException("no PostgreSQL could be started", failed);
      }
    }

    static String newDatabase() {
      String name = "test" + DATABASES.incrementAndGet();
      try (Connection connection = POSTGRES.getPostgresDatabase().getConnection()) {
        with("CREATE DATABASE " + name, connection);
      } catch (SQLException failed) {
        throw new IllegalStateException("no database could be made", failed);
      }
      return POSTGRES.getJdbcUrl("postgres", name);
    }
  }
}
