package io.clipper.node.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Ports for a node that joins others on the same machine, where it was given none: the next free ones after the usual. */
final class FreePorts {
  private static final int HIGHEST = 65535;

  private final String host;
  private final Set<Integer> taken;

  /** @param given what the node opens by other names, and where nodes are that it joins: none of them is chosen, though nobody listens there yet */
  FreePorts(String host, Collection<Integer> given) {
    this.host = host;
    this.taken = new HashSet<>(given);
  }

  /** The first that is free, and was not chosen before; the usual one itself where none is, for the node to say so. */
  int from(int usual) {
    for (int port = usual; port <= HIGHEST; port++) {
      if (!taken.contains(port) && isFree(port)) {
        taken.add(port);
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
    } catch (IOException inUse) {
      return false;
    }
  }
}
