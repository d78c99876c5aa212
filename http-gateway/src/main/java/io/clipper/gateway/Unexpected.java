package io.clipper.gateway;

import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client is told of a bug: an id, under which the log has the rest. */
public record Unexpected(String message) {
  private static final Logger LOG = LoggerFactory.getLogger(Unexpected.class);

  /** Logs the failure, once. */
  public static Unexpected logged(String request, Throwable failure) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    LOG.error("{} failed unexpectedly (id {})", request, id, failure);
    return new Unexpected("An unexpected error occurred! (id %s in the server's log)".formatted(id));
  }

  /** What a failure says of itself. */
  public static String words(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  /** What a stage failed with, out of the wrapper that stages put around it. */
  public static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
  }
}
