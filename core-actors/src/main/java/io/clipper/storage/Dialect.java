package io.clipper.storage;

import java.util.Locale;

/** The databases that a schema is kept for, each with its driver and what Slick calls it. */
public enum Dialect {
  H2("org.h2.Driver", "slick.jdbc.H2Profile$"),
  POSTGRESQL("org.postgresql.Driver", "slick.jdbc.PostgresProfile$");

  private final String driver;
  private final String slickProfile;

  Dialect(String driver, String slickProfile) {
    this.driver = driver;
    this.slickProfile = slickProfile;
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
