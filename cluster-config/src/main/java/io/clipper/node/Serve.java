package io.clipper.node;

import io.clipper.Refused;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.command.NodeStarter;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.LongSupplier;

/** {@code up}: a node in the foreground, and what its console shows. */
final class Serve implements NodeStarter {
  private final PrintWriter out;
  private final LongSupplier nanoClock;

  Serve(PrintWriter out, LongSupplier nanoClock) {
    this.out = out;
    this.nanoClock = nanoClock;
  }

  @Override
  public int run(NodeOptions options) {
    long began = nanoClock.getAsLong();
    try (ClipperNode node = ClipperNode.start(options)) {
      say(node, Duration.ofNanos(nanoClock.getAsLong() - began));
      node.stopped().toCompletableFuture().join();
      return 0;
    } catch (Refused refused) {
      throw new IllegalStateException(refused.getMessage(), refused);
    }
  }

  private void say(ClipperNode node, Duration took) {
    out.printf(
        "ready in %.1f s: queries %s, gRPC %s, management %s, %d applications, %d model threads%n",
        took.toMillis() / 1000.0,
        url(node.queryAddress()),
        place(node.grpcAddress()),
        url(node.adminAddress()),
        node.serving().applications().catalog().applications().size(),
        node.serving().threads().threads());
    out.println("next: ./clipper demo digits   (Ctrl-C stops the node)");
    out.flush();
  }

  private static String url(InetSocketAddress address) {
    return "http://" + place(address);
  }

  private static String place(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return "%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort());
  }
}
