package io.clipper.storage;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.util.Locale;
import java.util.Optional;

/** The databases that a schema is kept for, each with its driver and what Slick calls it. */
public enum Dialect {
  /** It closes a database for good when a write to its file has failed, and its driver says of a connection to it that it is valid. */
  H2("org.h2.Driver", "slick.jdbc.H2Profile$", Optional.of("SELECT 1"), Optional.of(GivenUp.class)),
  POSTGRESQL("org.postgresql.Driver", "slick.jdbc.PostgresProfile$", Optional.empty(), Optional.empty());

  private final String driver;
  private final String slickProfile;
  private final Optional<String> trial;
  private final Optional<Class<? extends SQLExceptionOverride>> afterFailure;

  Dialect(String driver, String slickProfile, Optional<String> trial, Optional<Class<? extends SQLExceptionOverride>> afterFailure) {
    this.driver = driver;
    this.slickProfile = slickProfile;
    this.trial = trial;
    this.afterFailure = afterFailure;
  }

  /** What tells that a connection is of use still, where the driver does not. */
  Optional<String> trial() {
    return trial;
  }

  /** Who says after which failure a connection is of no use, by name; without one the pool's own rules do. */
  Optional<String> afterFailure() {
    return afterFailure.map(Class::getName);
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
