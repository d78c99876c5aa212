package io.clipper.storage;

import java.util.Map;
import java.util.Optional;

/**
 * How long a node waits for its database, where neither the URL nor the database itself says otherwise. A server that is gone without a word,
 * or the way to it, would else hold a thread for a quarter of an hour; a node that is gone so would leave the rows locked that it was writing.
 * A database in this JVM needs none of it.
 *
 * @param driver properties by the driver's own names; what the URL says wins
 * @param session what a connection begins with
 */
record NodePatience(Map<String, String> driver, Optional<String> session) {
  /** Of what a lock that another holds may take; longer than any of a node's own transactions. */
  private static final String LOCK_TIMEOUT = "5s";

  private static final NodePatience NONE = new NodePatience(Map.of(), Optional.empty());

  /** An answer takes milliseconds, on a machine that is busy with something else a second or two. */
  private static final NodePatience OF_POSTGRESQL =
      new NodePatience(
          Map.of("connectTimeout", "5", "socketTimeout", "10", "tcpKeepAlive", "true"),
          Optional.of(
              """
              SELECT set_config(name, most, false)
              FROM (VALUES ('idle_in_transaction_session_timeout', '15s'), ('lock_timeout', '%s')) AS limits (name, most)
              WHERE current_setting(name) = '0'"""
                  .formatted(LOCK_TIMEOUT)));

  /** For a transaction that may wait for another's of its kind: whoever has asked for a bound of its own keeps it. */
  static final String LONGER_FOR_LOCKS =
      "SELECT set_config('lock_timeout', '2min', true) WHERE current_setting('lock_timeout') = '%s'".formatted(LOCK_TIMEOUT);

  static NodePatience with(Dialect dialect) {
    return switch (dialect) {
      case H2 -> NONE;
      case POSTGRESQL -> OF_POSTGRESQL;
    };
  }
}
