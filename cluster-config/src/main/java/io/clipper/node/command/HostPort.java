package io.clipper.node.command;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/** {@code HOST:PORT}; an IPv6 host stands in brackets. */
public record HostPort(String host, int port) {
  public HostPort {
    if (host.isBlank() || port < 1 || port > 65535) {
      throw new IllegalArgumentException("'%s:%d' is not HOST:PORT".formatted(host, port));
    }
  }

  static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 1 || !port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("'%s' is not HOST:PORT".formatted(text));
    }
    return new HostPort(text.substring(0, colon), Integer.parseInt(port));
  }

  /** Whether that host is this machine; one that nobody knows is not. */
  boolean isHere() {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress() || address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
    } catch (UnknownHostException | SocketException unknown) {
      return false;
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
