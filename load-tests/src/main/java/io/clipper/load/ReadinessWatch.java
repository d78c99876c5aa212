package io.clipper.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Watches a node's {@code /health/ready}, as a load balancer does, and tells clients where it is while it is ready. */
final class ReadinessWatch implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 200;

  private final Thread watching;

  ReadinessWatch(String name, NodeProcess node, ClusterClients clients) {
    this.watching = Thread.ofVirtual().name("readiness-" + name).start(() -> watch(name, node.adminAddress(), node.queryAddress(), clients));
  }

  private static void watch(String name, InetSocketAddress admin, InetSocketAddress queries, ClusterClients clients) {
    try {
      while (true) {
        if (isReady(admin)) {
          clients.isAt(name, queries);
        } else {
          clients.isGone(name);
        }
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException closed) {
      clients.isGone(name);
    }
  }

  private static boolean isReady(InetSocketAddress admin) {
    try (HttpConnection connection = new HttpConnection(admin)) {
      return connection.get("/health/ready").isOk();
    } catch (IOException gone) {
      return false;
    }
  }

  @Override
  public void close() {
    watching.interrupt();
  }
}
