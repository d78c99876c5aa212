package io.clipper.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy before each node's cluster port, where a machine gives nobody networks of their own: all nodes are on the loopback, each with an
 * address by which it calls the others, and one by which they call it (Linux only). What is cut stands still on its way, and arrives when it
 * is healed, as what TCP sends again.
 */
final class CuttingProxies implements NodeNetwork {
  static final int CLUSTER_PORT = 25520;
  /** Linux has all of 127.0.0.0/8 on its loopback; other systems have 127.0.0.1 alone, and no port can be opened here. */
  private static final String LOOPBACK = "127.0.77.";
  private static final int ADVERTISED = 100;
  private static final int BLOCK = 64 << 10;

  private record Way(String from, String to) {}

  private final List<String> names;
  private final List<ServerSocket> doors = new ArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Set<Way> cut = new HashSet<>();
  private boolean closed;

  private CuttingProxies(List<String> names) {
    this.names = List.copyOf(names);
  }

  static CuttingProxies open(List<String> names) throws IOException {
    CuttingProxies proxies = new CuttingProxies(names);
    try {
      for (String name : names) {
        ServerSocket door = new ServerSocket(CLUSTER_PORT, 0, InetAddress.getByName(proxies.advertised(name).orElseThrow()));
        proxies.doors.add(door);
        Thread.ofVirtual().name("door-of-" + name).start(() -> proxies.let(door, name));
      }
      return proxies;
    } catch (IOException taken) {
      proxies.close();
      throw taken;
    }
  }

  @Override
  public String address(String name) {
    return LOOPBACK + (1 + names.indexOf(name));
  }

  @Override
  public Optional<String> advertised(String name) {
    return Optional.of(LOOPBACK + (ADVERTISED + names.indexOf(name)));
  }

  @Override
  public String here() {
    return "localhost";
  }

  @Override
  public List<String> launcher(String name) {
    return List.of();
  }

  /** For a node's settings: so it is known who calls. */
  String callsFrom(String name) {
    return "pekko.remote.artery.advanced.tcp.outbound-client-hostname = \"%s\"%n".formatted(address(name));
  }

  @Override
  public synchronized void cut(String from, String to) {
    cut.add(new Way(from, to));
  }

  @Override
  public synchronized void heal(String from, String to) {
    cut.remove(new Way(from, to));
    notifyAll();
  }

  /** False when it never will be. */
  private synchronized boolean awaitOpen(Way way) throws InterruptedException {
    while (cut.contains(way) && !closed) {
      wait();
    }
    return !closed;
  }

  /** So that it ends when all do; false, and it has ended, when they did already. */
  private synchronized boolean keep(Socket socket) {
    if (closed) {
      end(socket);
      return false;
    }
    return connections.add(socket);
  }

  private void let(ServerSocket door, String to) {
    try {
      while (true) {
        Socket caller = door.accept();
        if (keep(caller)) {
          Thread.ofVirtual().name("to-" + to).start(() -> carry(caller, to));
        }
      }
    } catch (IOException ended) {
      // The door was closed: nobody else is to come in.
      return;
    }
  }

  private void carry(Socket caller, String to) {
    try (caller;
        Socket callee = new Socket()) {
      String from = nameOf(caller.getInetAddress());
      if (!keep(callee) || !awaitOpen(new Way(from, to))) {
        return;
      }
      callee.connect(new InetSocketAddress(address(to), CLUSTER_PORT));
      Thread back = Thread.ofVirtual().name("from-" + to).start(() -> pump(callee, caller, new Way(to, from)));
      pump(caller, callee, new Way(from, to));
      back.join();
      connections.remove(callee);
    } catch (IOException | InterruptedException ended) {
      // Nobody listens, as between two lives of a node: the caller sees its connection end, as it would without a proxy.
      connections.remove(caller);
      return;
    }
    connections.remove(caller);
  }

  private String nameOf(InetAddress address) throws IOException {
    return names.stream()
        .filter(name -> address(name).equals(address.getHostAddress()))
        .findFirst()
        .orElseThrow(() -> new IOException("nobody calls from " + address.getHostAddress()));
  }

  private void pump(Socket source, Socket sink, Way way) {
    byte[] block = new byte[BLOCK];
    try {
      InputStream in = source.getInputStream();
      OutputStream out = sink.getOutputStream();
      for (int read = in.read(block); read >= 0 && awaitOpen(way); read = in.read(block)) {
        out.write(block, 0, read);
      }
      sink.shutdownOutput();
    } catch (IOException | InterruptedException broken) {
      end(source);
      end(sink);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException broken) {
      System.err.println("a connection between nodes did not close: " + broken.getMessage());
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    for (ServerSocket door : doors) {
      try {
        door.close();
      } catch (IOException broken) {
        System.err.println("a port did not close: " + broken.getMessage());
      }
    }
    connections.forEach(CuttingProxies::end);
  }
}
