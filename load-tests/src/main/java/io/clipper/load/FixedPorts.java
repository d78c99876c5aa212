package io.clipper.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Ports that a node has in each of its lives. They lie below those that systems give to outgoing connections: whoever connects to a port of
 * its own machine where nobody listens may be given that very port, be connected with itself, and keep the node from its port.
 */
final class FixedPorts {
  private static final int LOWEST = 21_000;
  private static final int HIGHEST = 32_000;

  private FixedPorts() {}

  /** So many that are free now, no two alike. */
  static List<Integer> free(int count) throws IOException {
    List<Integer> free = new ArrayList<>();
    for (int port = LOWEST; port <= HIGHEST && free.size() < count; port++) {
      if (isFree(port)) {
        free.add(port);
      }
    }
    if (free.size() < count) {
      throw new IOException("of the ports %d to %d only %d are free, and %d are needed".formatted(LOWEST, HIGHEST, free.size(), count));
    }
    return free;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException inUse) {
      return false;
    }
  }
}
