package io.clipper.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Looks twenty times a second whether a node's port for queries is open, and what it says at {@code /health/ready}. */
final class PortWatch implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 50;
  private static final int CLOSED = 0;

  /**
   * What was there.
   *
   * @param status of {@code /health/ready}; 0 where one of the ports was closed
   * @param reason of a node that is not ready
   */
  record Look(long from, long until, int status, String reason) {
    boolean isOpen() {
      return status != CLOSED;
    }
  }

  private final Queue<Look> looks = new ConcurrentLinkedQueue<>();
  private final Thread watching;

  PortWatch(String name, NodeProcess node) {
    this.watching = Thread.ofVirtual().name("ports-" + name).start(() -> keepLooking(node.queryAddress(), node.adminAddress()));
  }

  /** In the order in which they were made. */
  List<Look> looks() {
    return List.copyOf(looks);
  }

  /** From the last look at open ports before to the first after. */
  static double longestClosedSeconds(List<Look> looks) {
    long longest = 0;
    long open = looks.isEmpty() ? 0 : looks.getFirst().from();
    boolean closed = false;
    for (Look look : looks) {
      if (look.isOpen()) {
        longest = closed ? Math.max(longest, look.until() - open) : longest;
        open = look.from();
      }
      closed = !look.isOpen();
    }
    return closed ? Double.POSITIVE_INFINITY : longest / 1e9;
  }

  private void keepLooking(InetSocketAddress queries, InetSocketAddress admin) {
    try {
      while (true) {
        looks.add(look(queries, admin));
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private static Look look(InetSocketAddress queries, InetSocketAddress admin) {
    long from = System.nanoTime();
    try (HttpConnection connection = new HttpConnection(admin);
        Socket open = new Socket(queries.getAddress(), queries.getPort())) {
      HttpConnection.Answer answer = connection.get("/health/ready");
      return new Look(from, System.nanoTime(), open.isConnected() ? answer.status() : CLOSED, answer.body().path("reason").asText(""));
    } catch (IOException closed) {
      return new Look(from, System.nanoTime(), CLOSED, "");
    }
  }

  @Override
  public void close() {
    watching.interrupt();
  }
}
