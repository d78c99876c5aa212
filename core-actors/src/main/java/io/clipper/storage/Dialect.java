package io.clipper.storage;

import java.util.Locale;
import java.util.Optional;

/** The databases that a schema is kept for, each with its driver and what Slick calls it. */
public enum Dialect {
  /** It closes a database for good when a write to its file has failed, and its driver says of a connection to it that it is valid. */
  H2("org.h2.Driver", "slick.jdbc.H2Profile$", Optional.of("SELECT 1")),
  POSTGRESQL("org.postgresql.Driver", "slick.jdbc.PostgresProfile$", Optional.empty());

  private final String driver;
  private final String slickProfile;
  private final Optional<String> trial;

  Dialect(String driver, String slickProfile, Optional<String> trial) {
    this.driver = driver;
    this.slickProfile = slickProfile;
    this.trial = trial;
  }

  /** What tells that a connection is of use still, where the driver does not. */
  Optional<String> trial() {
    return trial;
  }

  String driver() {
    return driver;
  }

  String slickProfile() {
    return slickProfile;
  }

  /** The name in a JDBC URL. */
  public String scheme() {
    return name().toLowerCase(Locale.ROOT);
  }
}
