package io.clipper.storage;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;

/** The settings that put the journal, its snapshots and {@link Database} into one database, and the tables in it. */
public final class Storage {
  /** The database's name among pekko-persistence-jdbc's shared ones. */
  private static final String SHARED = "clipper";

  private static final int CONNECTIONS = 4;
  private static final String TIMEOUT = "2s";

  private Storage() {}

  /**
   * To be laid over the application's settings, before the actor system starts. Makes the folder where there is none.
   *
   * @param jdbcUrl empty: H2 in a file in that folder
   */
  public static Config config(Path dataDirectory, Optional<String> jdbcUrl) {
    if (jdbcUrl.isPresent()) {
      return config(DatabaseAddress.at(jdbcUrl.get()));
    }
    try {
      Files.createDirectories(dataDirectory);
    } catch (IOException failed) {
      throw new Refused(
          Refused.Reason.UNAVAILABLE,
          "the data directory %s cannot be made (see --data): %s".formatted(dataDirectory.toAbsolutePath(), failed));
    }
    return config(DatabaseAddress.in(dataDirectory));
  }

  /** A database that is gone with this JVM. */
  public static Config inMemory(String name) {
    return config(DatabaseAddress.at("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1".formatted(name)));
  }

  /**
   * Makes the tables that are not there, or only looks for them, before the first persistent actor starts. What comes back is closed when the system has
   * terminated.
   *
   * @throws Refused in one line that names the cause and the option
   */
  public static Database prepare(ActorSystem<?> system) {
    Database database = open(system.settings().config());
    system.getWhenTerminated().whenComplete((done, failure) -> database.close());
    return database;
  }

  /**
   * The same before there is a system: whoever opens it closes it.
   *
   * @throws Refused in one line that names the cause and the option
   */
  public static Database open(Config config) {
    Config section = config.getConfig("clipper.storage");
    String directory = section.getString("directory");
    Database database =
        Database.openForNode(
            directory.isEmpty() ? DatabaseAddress.at(section.getString("url")) : DatabaseAddress.in(Path.of(directory)),
            section.getBoolean("create-schema"));
    try {
      Schema.prepare(database);
    } catch (Refused failed) {
      database.close();
      throw failed;
    }
    return database;
  }

  private static Config config(DatabaseAddress address) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("clipper.storage.url", address.url());
    settings.put("clipper.storage.directory", address.directory().map(Path::toString).orElse(""));
    settings.put("pekko.persistence.journal.plugin", "jdbc-journal");
    settings.put("pekko.persistence.snapshot-store.plugin", "jdbc-snapshot-store");
    for (String plugin : new String[] {"jdbc-journal", "jdbc-snapshot-store", "jdbc-read-journal"}) {
      settings.put(plugin + ".use-shared-db", SHARED);
    }
    for (String plugin : new String[] {"jdbc-journal", "jdbc-snapshot-store"}) {
      settings.put(plugin + ".circuit-breaker.call-timeout", TIMEOUT);
      settings.put(plugin + ".circuit-breaker.reset-timeout", TIMEOUT);
    }
    String shared = "pekko-persistence-jdbc.shared-databases." + SHARED;
    settings.put(shared + ".profile", address.dialect().slickProfile());
    String db = shared + ".db";
    settings.put(db + ".connectionPool", "HikariCP");
    settings.put(db + ".driver", address.dialect().driver());
    settings.put(db + ".url", address.url());
    address.user().ifPresent(user -> settings.put(db + ".user", user));
    NodePatience patience = NodePatience.with(address.dialect());
    patience.driver().forEach((name, value) -> settings.put(db + ".properties." + name, value));
    patience.session().ifPresent(sql -> settings.put(db + ".connectionInitSql", sql));
    address.dialect().trial().ifPresent(sql -> settings.put(db + ".connectionTestQuery", sql));
    address.dialect().afterFailure().ifPresent(name -> settings.put(db + ".exceptionOverrideClassName", name));
    settings.put(db + ".numThreads", CONNECTIONS);
    settings.put(db + ".maxConnections", CONNECTIONS);
    settings.put(db + ".minConnections", CONNECTIONS);
    settings.put(db + ".connectionTimeout", TIMEOUT);
    settings.put(db + ".queueSize", 10_000);
    return ConfigFactory.parseMap(settings, "Storage");
  }
}
