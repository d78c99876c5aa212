package io.clipper.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.clipper.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.h2.api.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's database for what is no journal: plain JDBC, a few connections of its own, so that it never waits behind the journal. */
public final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);

  /** One for each thread that may want one: the prediction log's and the contexts' writers and readers, the book of members and the leases. */
  private static final int CONNECTIONS = 6;

  private static final int CONNECTION_TIMEOUT_MILLIS = 2000;

  /** More than the rows of a million contexts take; and than a lock may, so that the database's own words are heard. */
  private static final int LONG_MILLIS = 125_000;

  /** Work on one connection, in one transaction. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private final HikariDataSource pool;
  private final DatabaseAddress address;
  private final boolean createsSchema;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  private Database(HikariDataSource pool, DatabaseAddress address, boolean createsSchema) {
    this.pool = pool;
    this.address = address;
    this.createsSchema = createsSchema;
  }

  /**
   * Connects, and for a database in a file takes it: it stays taken until {@link #close}.
   *
   * @param createsSchema whether this node makes tables that are not there
   * @throws Refused in one line that names the cause and the option, where there is no connection
   */
  static Database open(DatabaseAddress address, boolean createsSchema) {
    return open(address, createsSchema, new HikariConfig());
  }

  /** As {@link #open}, for a node: it waits for the database as long as {@link NodePatience} says. */
  static Database openForNode(DatabaseAddress address, boolean createsSchema) {
    HikariConfig config = new HikariConfig();
    NodePatience patience = NodePatience.with(address.dialect());
    patience.driver().forEach(config::addDataSourceProperty);
    patience.session().ifPresent(config::setConnectionInitSql);
    // One that died is found out in time for another to take its place.
    config.setValidationTimeout(CONNECTION_TIMEOUT_MILLIS / 2);
    // What a connection begins with is not undone with the first work on it.
    config.setIsolateInternalQueries(true);
    return open(address, createsSchema, config);
  }

  private static Database open(DatabaseAddress address, boolean createsSchema, HikariConfig config) {
    config.setPoolName("clipper-database");
    config.setJdbcUrl(address.url());
    address.user().ifPresent(config::setUsername);
    config.setDriverClassName(address.dialect().driver());
    address.dialect().trial().ifPresent(config::setConnectionTestQuery);
    address.dialect().afterFailure().ifPresent(config::setExceptionOverrideClassName);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
    config.setAutoCommit(false);
    try {
      return new Database(new HikariDataSource(config), address, createsSchema);
    } catch (HikariPool.PoolInitializationException failed) {
      throw refused(address, failed);
    }
  }

  /** Connects to the database of that URL; throws {@link Refused} where there is no connection. */
  public static Database at(String url) {
    return open(DatabaseAddress.at(url), true);
  }

  /** Opens the one in a node's folder; throws {@link Refused} where another process has it. */
  public static Database in(Path directory) {
    return open(DatabaseAddress.in(directory), true);
  }

  /** As {@link #at}, but of a database in a file only one that is there. */
  public static Database existingAt(String url) {
    return open(DatabaseAddress.at(url).existing(), true);
  }

  /** As {@link #in}, but only one that is there. */
  public static Database existingIn(Path directory) {
    return open(DatabaseAddress.in(directory).existing(), true);
  }

  /** What it is called where it is told of, without secrets. */
  public String name() {
    return address.directory().map(directory -> "the database in " + directory).orElseGet(address::shown);
  }

  /** Why work on a database failed, in a line: what the disk said where it was that, else what the database did. */
  public static String words(Throwable failed) {
    String words = failed.toString();
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause == failed || cause.getClass() == IOException.class) {
        words = Objects.requireNonNullElse(cause.getMessage(), words);
      }
    }
    return StoreFile.withoutLives(words.lines().findFirst().orElse(words));
  }

  Dialect dialect() {
    return address.dialect();
  }

  boolean createsSchema() {
    return createsSchema;
  }

  public boolean isH2() {
    return address.dialect() == Dialect.H2;
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

  /** As {@link #inTransaction}, for what may take minutes, or wait as long for another node that does the same. */
  public <T> T inLongTransaction(Work<T> work) throws SQLException {
    return inTransaction(
        connection -> {
          if (!isH2()) {
            waitLonger(connection);
          }
          return work.on(connection);
        });
  }

  /** The pool takes the driver's bound back, the end of the transaction the database's. */
  private static void waitLonger(Connection connection) throws SQLException {
    int millis = connection.getNetworkTimeout();
    if (millis > 0 && millis < LONG_MILLIS) {
      connection.setNetworkTimeout(Runnable::run, LONG_MILLIS);
    }
    execute(connection, NodePatience.LONGER_FOR_LOCKS);
  }

  /** As {@link #inTransaction}; what the work reads is as of one moment, under nodes that go on writing. It writes nothing. */
  public <T> T asOfOneMoment(Work<T> work) throws SQLException {
    return inTransaction(
        connection -> {
          // A file is in the hands of this process alone.
          if (!isH2()) {
            execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
          }
          return work.on(connection);
        });
  }

  /** Runs a script in one transaction. */
  void run(String script) throws SQLException {
    this.<Integer>inLongTransaction(connection -> execute(connection, script));
  }

  /**
   * Runs statements that each end with a semicolon at the end of a line.
   *
   * @return how many they were
   */
  static int execute(Connection connection, String script) throws SQLException {
    List<String> statements = Arrays.stream(script.split(";\\s*\n", -1)).filter(sql -> !sql.isBlank()).toList();
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
    return statements.size();
  }

  /**
   * Gives the database back. A file is let go here and now, under whatever other connections this process has to it: whoever waits for
   * {@link #closed} may open it, or delete it. A second call returns when the first has.
   */
  @Override
  public synchronized void close() {
    pool.close();
    if (address.directory().isPresent() && !closed.isDone()) {
      // Where nobody has it open any more it is opened for this alone, and has nothing that is worth moving about within the file.
      shutDown(address.url() + ";IFEXISTS=TRUE;MAX_COMPACT_TIME=0", address.user().orElse(""));
    }
    closed.complete(null);
  }

  /** Completes when it has been closed. */
  public CompletionStage<Void> closed() {
    return closed;
  }

  /** By a connection that no pool wants back. */
  private static void shutDown(String url, String user) {
    try (Connection connection = DriverManager.getConnection(url, user, "");
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
    } catch (SQLException failed) {
      LOG.warn("the database was not closed in order; it is checked when it is opened next: {}", words(failed));
    }
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
