package io.clipper.node.command;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Ports for a node that joins others on the same machine, where it was given none: the next free ones after the usual. A node opens them only
 * once it has started, and others that choose meanwhile must not choose the same: until it is closed, each is claimed by UDP's port of the same
 * number, which one process alone has, also if it dies, and which keeps nobody from TCP's.
 */
final class FreePorts implements AutoCloseable {
  private static final int HIGHEST = 65535;

  private final String host;
  private final Set<Integer> taken;
  private final List<DatagramSocket> claims = new ArrayList<>();

  /** @param given what the node opens by other names, and where nodes are that it joins: none of them is chosen, though nobody listens there yet */
  FreePorts(String host, Collection<Integer> given) {
    this.host = host;
    this.taken = new HashSet<>(given);
  }

  /** The first that is free, and that neither this node nor another has chosen; the usual one itself where none is, for the node to say so. */
  int from(int usual) {
    for (int port = usual; port <= HIGHEST; port++) {
      if (!taken.contains(port) && isFree(port) && isClaimed(port)) {
        taken.add(port);
        return port;
      }
    }
    return usual;
  }

  /** Ports of others, though nobody may listen there yet. */
  void leave(Collection<Integer> others) {
    taken.addAll(others);
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

  private boolean isClaimed(int port) {
    try {
      claims.add(new DatagramSocket(new InetSocketAddress(InetAddress.getByName(host), port)));
      return true;
    } catch (IOException chosenByAnother) {
      return false;
    }
  }

  @Override
  public void close() {
    claims.forEach(DatagramSocket::close);
  }
}
