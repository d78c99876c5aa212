package io.clipper.node.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** The ports of a node that joins others on the same machine and was given none: the next free ones after the usual. */
final class FreePorts {
  private static final int HIGHEST = 65535;

  private final String host;
  private final Set<Integer> given = new HashSet<>();

  FreePorts(String host) {
    this.host = host;
  }

  /** The first that is free, and was not given before; the usual one itself where none is, for the node to say so. */
  int from(int usual) {
    for (int port = usual; port <= HIGHEST; port++) {
      if (!given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
    }
    return usual;
  }

  private boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
