package io.clipper.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.clipper.Refused;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.api.ErrorCode;

/** The node's database for what is no journal: plain JDBC, two connections of its own, so that it never waits behind the journal. */
public final class Database implements AutoCloseable {
  private static final int CONNECTIONS = 2;
  private static final int CONNECTION_TIMEOUT_MILLIS = 2000;

  /** Work on one connection, in one transaction. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private final HikariDataSource pool;
  private final DatabaseAddress address;

  private Database(HikariDataSource pool, DatabaseAddress address) {
    this.pool = pool;
    this.address = address;
  }

  /**
   * Connects, and for a database in a file takes it: it stays taken until {@link #close}.
   *
   * @throws Refused in one line that names the cause and the option, where there is no connection
   */
  static Database open(DatabaseAddress address) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("clipper-database");
    config.setJdbcUrl(address.url());
    address.user().ifPresent(config::setUsername);
    config.setDriverClassName(address.kind().driver());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
    config.setAutoCommit(false);
    try {
      return new Database(new HikariDataSource(config), address);
    } catch (HikariPool.PoolInitializationException failed) {
      throw refused(address, failed);
    }
  }

  /** Connects to the database of that URL; throws {@link Refused} where there is no connection. */
  public static Database at(String url) {
    return open(DatabaseAddress.at(url));
  }

  public boolean isH2() {
    return address.kind() == DatabaseAddress.Kind.H2;
  }

  /** Commits what the work did, or nothing of it. Blocks: call it where that is allowed. */
  public <T> T inTransaction(Work<T> work) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      try {
        T result = work.on(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException | Error failed) {
        rollBack(connection, failed);
        throw failed;
      }
    }
  }

  /** Runs a script of statements that each end with a semicolon at the end of a line, in one transaction. */
  void run(String script) throws SQLException {
    inTransaction(
        connection -> {
          try (Statement statement = connection.createStatement()) {
            for (String sql : script.split(";\\s*\n", -1)) {
              if (!sql.isBlank()) {
                statement.execute(sql);
              }
            }
            return statement;
          }
        });
  }

  @Override
  public void close() {
    pool.close();
  }

  private static void rollBack(Connection connection, Throwable because) {
    try {
      connection.rollback();
    } catch (SQLException failed) {
      because.addSuppressed(failed);
    }
  }

  private static Refused refused(DatabaseAddress address, Throwable failed) {
    String detail = failed.toString();
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1 && address.directory().isPresent()) {
        return new Refused(
            Refused.Reason.CONFLICT,
            "the data directory %s is in use by another process: stop that one, or choose another directory by --data"
                .formatted(address.directory().get()));
      }
      String message = cause.getMessage();
      detail = message == null ? detail : message.lines().findFirst().orElse(detail);
    }
    return new Refused(
        Refused.Reason.UNAVAILABLE,
        address
            .directory()
            .map(directory -> "no database in %s (see --data): ".formatted(directory))
            .orElseGet(() -> "no connection to the database %s (see --jdbc): ".formatted(address.shown()))
            + detail);
  }
}
