package io.clipper.storage;

import io.clipper.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every table that Clipper keeps anything in, as one script for each dialect: what a node runs is what an administrator may run. */
public final class Schema {
  private static final Pattern TABLE = Pattern.compile("CREATE TABLE IF NOT EXISTS (?:PUBLIC\\.)?(\\S+) \\(\n(.*?)\n\\);", Pattern.DOTALL);
  private static final Pattern FUNCTION = Pattern.compile("CREATE OR REPLACE FUNCTION (\\S+\\(\\))");
  private static final Pattern COLUMN = Pattern.compile("^  (\"?[a-z][a-z0-9_]*\"?) ", Pattern.MULTILINE);

  private Schema() {}

  /**
   * A table as the script names it.
   *
   * @param sql its name in a statement
   * @param columns their names in a statement, in order
   */
  record Table(String sql, List<String> columns) {
    Table {
      columns = List.copyOf(columns);
    }

    /** The same in every dialect. */
    String name() {
      return plain(sql);
    }

    List<String> columnNames() {
      return columns.stream().map(Table::plain).toList();
    }

    String selectAll() {
      return "SELECT %s FROM %s".formatted(String.join(", ", columns), sql);
    }

    private static String plain(String quoted) {
      return quoted.replace("\"", "");
    }
  }

  /** May be run again, and by nodes that start together. */
  public static String script(Dialect dialect) {
    try (InputStream script = Objects.requireNonNull(Schema.class.getResourceAsStream(dialect.scheme() + ".sql"))) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** As they are called in every dialect. */
  public static List<String> tableNames() {
    return tables(Dialect.POSTGRESQL).stream().map(Table::name).toList();
  }

  /** In an order in which they can be filled: what a row refers to comes before it. */
  static List<Table> tables(Dialect dialect) {
    List<Table> tables = new ArrayList<>();
    Matcher table = TABLE.matcher(script(dialect));
    while (table.find()) {
      tables.add(new Table(table.group(1), COLUMN.matcher(table.group(2)).results().map(column -> column.group(1)).toList()));
    }
    return tables;
  }

  /**
   * Makes the tables that are not there; of a database whose schema is somebody else's it only looks for them.
   *
   * @throws Refused in one line that names the cause and the option
   */
  public static void prepare(Database database) {
    try {
      if (database.createsSchema()) {
        database.run(script(database.dialect()));
      } else {
        database.<Integer>inTransaction(connection -> look(connection, database));
      }
    } catch (SQLException failed) {
      String what =
          database.createsSchema()
              ? "the database's tables cannot be made (see --data and --jdbc): %s"
              : "a table is not there, or not whole (clipper.storage.create-schema is off: ./clipper store schema prints what makes it): %s";
      throw new Refused(Refused.Reason.UNAVAILABLE, what.formatted(failed.getMessage()));
    }
  }

  /**
   * Whether all tables are there, with all columns. Asks only, so that it is no error in any database.
   *
   * @throws Refused where the database does not answer
   */
  public static boolean isThere(Database database) {
    try {
      Set<String> there = database.inTransaction(Schema::columnsThere);
      return tables(database.dialect()).stream()
          .allMatch(table -> table.columnNames().stream().allMatch(column -> there.contains(table.name() + "." + column)));
    } catch (SQLException failed) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "%s does not say which tables it has: %s".formatted(database.name(), failed.getMessage()));
    }
  }

  /**
   * What no other database has whose tables Clipper made; a copy by other means than Clipper's own has it too.
   *
   * @throws Refused where the database does not answer
   */
  public static String storeId(Database database) {
    try {
      return database.inTransaction(
          connection -> {
            try (Statement statement = connection.createStatement()) {
              return storeId(statement);
            }
          });
    } catch (SQLException failed) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "%s does not say which it is: %s".formatted(database.name(), failed.getMessage()));
    }
  }

  private static String storeId(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT MIN(id) FROM clipper_store")) {
      String id = row.next() ? row.getString(1) : null;
      if (id == null) {
        throw new SQLException("there is no row in clipper_store");
      }
      return id;
    }
  }

  /** Makes the tables within a transaction. On H2 each of them is there at once, whatever becomes of the transaction. */
  public static void make(Connection connection, Database database) throws SQLException {
    Database.execute(connection, script(database.dialect()));
  }

  /** Takes all tables back, with what is in them. */
  public static void drop(Database database) throws SQLException {
    StringBuilder script = new StringBuilder();
    tables(database.dialect()).reversed().forEach(table -> script.append("DROP TABLE IF EXISTS %s;\n".formatted(table.sql())));
    functions(database.dialect()).forEach(function -> script.append("DROP FUNCTION IF EXISTS %s;\n".formatted(function)));
    database.run(script.toString());
  }

  /** What tables call, each with its brackets; the trigger that calls it has its name. */
  private static List<String> functions(Dialect dialect) {
    return FUNCTION.matcher(script(dialect)).results().map(function -> function.group(1)).toList();
  }

  private static Set<String> columnsThere(Connection connection) throws SQLException {
    String columns = "SELECT LOWER(table_name), LOWER(column_name) FROM information_schema.columns WHERE table_schema = CURRENT_SCHEMA";
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(columns)) {
      Set<String> there = new HashSet<>();
      while (rows.next()) {
        there.add(rows.getString(1) + "." + rows.getString(2));
      }
      return there;
    }
  }

  private static int look(Connection connection, Database database) throws SQLException {
    List<Table> tables = tables(database.dialect());
    try (Statement statement = connection.createStatement()) {
      for (Table table : tables) {
        try (ResultSet none = statement.executeQuery(table.selectAll() + " WHERE 1 = 0")) {
          none.next();
        }
      }
      storeId(statement);
      for (String function : functions(database.dialect())) {
        String trigger = function.replace("()", "");
        // On a table of ours, as another schema may have one of that name, and at work.
        String atWork = "SELECT 1 FROM pg_trigger WHERE tgname = '%s' AND pg_table_is_visible(tgrelid) AND tgenabled <> 'D'".formatted(trigger);
        try (ResultSet there = statement.executeQuery(atWork)) {
          if (!there.next()) {
            throw new SQLException("there is no trigger " + trigger);
          }
        }
      }
    }
    return tables.size();
  }
}
