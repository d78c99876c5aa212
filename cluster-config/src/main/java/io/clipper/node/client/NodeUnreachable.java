package io.clipper.node.client;

import java.net.URI;

/** No answer came from that address. */
public final class NodeUnreachable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NodeUnreachable(URI address, Throwable cause) {
    super("no answer from %s (%s)".formatted(address, reason(cause)), cause);
  }

  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    return switch (cause) {
      case java.net.http.HttpConnectTimeoutException ignored -> "connecting timed out";
      case java.net.ConnectException ignored -> "connection refused";
      default -> message == null ? cause.getClass().getSimpleName() : message;
    };
  }
}
