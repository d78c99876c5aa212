package io.clipper.storage;

import io.clipper.Refused;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where the database is.
 *
 * @param user where the URL does not name one
 * @param directory the folder of a database that is a file
 */
record DatabaseAddress(String url, Dialect dialect, Optional<String> user, Optional<Path> directory) {
  /**
   * A file in that folder. Each commit is written before it is acknowledged, which the end of the process does not undo, and the end of the
   * machine may: H2 leaves it to the system when the disk has it. The database outlives the JVM's shutdown hooks, so
   * that the last writes of a stopping node arrive. What is written is hardly read again, and each page that stays is one that the collector
   * copies: they have 1 MB of the heap, not the sixteenth that H2 takes by itself (docs/adr/0007-two-threads-and-a-small-heap.md).
   */
  static DatabaseAddress in(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (absolute.toString().contains(";")) {
      throw new Refused(Refused.Reason.INVALID, "the path %s has a ';' in it: choose another directory by --data".formatted(absolute));
    }
    return new DatabaseAddress(
        "jdbc:h2:%s;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;CACHE_SIZE=1024;MAX_LENGTH_INPLACE_LOB=4096"
            .formatted(StoreFile.of(absolute.resolve("clipper").toString())),
        Dialect.H2,
        Optional.of("sa"),
        Optional.of(absolute));
  }

  /** By URL, credentials in it. */
  static DatabaseAddress at(String url) {
    for (Dialect dialect : Dialect.values()) {
      if (url.startsWith("jdbc:%s:".formatted(dialect.scheme()))) {
        return new DatabaseAddress(url, dialect, dialect == Dialect.H2 ? Optional.of("sa") : Optional.empty(), Optional.empty());
      }
    }
    throw new Refused(
        Refused.Reason.INVALID,
        "the URL '%s' names none of the databases there are: %s (see --jdbc)"
            .formatted(
                withoutSecrets(url),
                Arrays.stream(Dialect.values()).map(dialect -> "jdbc:%s:…".formatted(dialect.scheme())).collect(Collectors.joining(", "))));
  }

  /** The same, where connecting makes no database, nor a file beside it to say why not. Other servers than H2 never do. */
  DatabaseAddress existing() {
    return dialect == Dialect.H2 ? new DatabaseAddress(url + ";IFEXISTS=TRUE;TRACE_LEVEL_FILE=0", dialect, user, directory) : this;
  }

  /** The URL without what may be secret. */
  String shown() {
    return withoutSecrets(url);
  }

  private static String withoutSecrets(String url) {
    return url.replaceAll("[?;].*$", "").replaceAll("//[^/@]*@", "//");
  }
}
