package io.clipper.model.runtime.process;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;

/** Where a node finds a worker that it did not start. */
final class GuestUrl {
  private static final String SCHEME = "grpc://";
  private static final String UNIX = "unix:";
  /** To any port the way is the same. */
  private static final int ANY_PORT = 9;

  private GuestUrl() {}

  /**
   * What the worker advertises, or where it listens; of one that listens on all addresses, this machine's own on the way to the node.
   *
   * @param target {@code unix:PATH}, or {@code ADDRESS:PORT} by number
   * @return {@code grpc://HOST:PORT} or {@code grpc://unix:PATH}
   * @throws IllegalArgumentException in a line, where the node could not reach it
   */
  static String of(String target, WorkerArguments.Join join) {
    if (join.advertise().isPresent()) {
      return SCHEME + join.advertise().get();
    }
    if (target.startsWith(UNIX)) {
      return SCHEME + target;
    }
    int colon = target.lastIndexOf(':');
    InetAddress listening = found(target.substring(0, colon));
    int port = Integer.parseInt(target.substring(colon + 1));
    if (listening.isAnyLocalAddress()) {
      return url(ownOnTheWayTo(join.node()), port);
    }
    if (listening.isLoopbackAddress() && !found(join.node().getHost()).isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "%s cannot reach a worker that listens on %s: give --listen 0.0.0.0:PORT, or --advertise HOST:PORT".formatted(join.node(), target));
    }
    return url(listening, port);
  }

  /** A datagram socket sends nothing by connecting. */
  private static InetAddress ownOnTheWayTo(URI node) {
    try (DatagramSocket probe = new DatagramSocket()) {
      probe.connect(new InetSocketAddress(found(node.getHost()), ANY_PORT));
      InetAddress own = probe.getLocalAddress();
      if (own.isAnyLocalAddress()) {
        throw new IllegalArgumentException(unknown(node));
      }
      return own;
    } catch (IOException noWay) {
      throw new IllegalArgumentException(unknown(node), noWay);
    }
  }

  private static String unknown(URI node) {
    return "it is not known where %s reaches this worker: give --advertise HOST:PORT".formatted(node);
  }

  private static InetAddress found(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException nobody) {
      throw new IllegalArgumentException("there is no host '%s' here: give --advertise HOST:PORT".formatted(host), nobody);
    }
  }

  private static String url(InetAddress address, int port) {
    String host = address instanceof Inet6Address ? "[%s]".formatted(address.getHostAddress()) : address.getHostAddress();
    return "%s%s:%d".formatted(SCHEME, host, port);
  }
}
