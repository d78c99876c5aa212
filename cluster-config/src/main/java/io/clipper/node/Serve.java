package io.clipper.node;

import io.clipper.Refused;
import io.clipper.node.command.HostPort;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.command.NodeStarter;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code up}: a node in the foreground, and what its console shows. */
final class Serve implements NodeStarter {
  /** More than a node takes to answer what it has accepted and to let its workers end. */
  private static final Duration TO_STOP = Duration.ofSeconds(30);

  private final PrintWriter out;
  private final LongSupplier nanoClock;
  private final AtomicReference<@Nullable ClipperNode> serving = new AtomicReference<>();

  Serve(PrintWriter out, LongSupplier nanoClock) {
    this.out = out;
    this.nanoClock = nanoClock;
  }

  @Override
  public int run(NodeOptions options) {
    if (!options.join().isEmpty()) {
      out.printf("joining the cluster of %s%n", options.join().stream().map(HostPort::toString).collect(Collectors.joining(", ")));
      out.flush();
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::awaitStop, "await-stop"));
    try {
      ClipperNode.run(options, new Console(options));
      return 0;
    } catch (Refused refused) {
      throw new IllegalStateException(refused.getMessage(), refused);
    }
  }

  /** The actor system ends within the JVM's shutdown, and after it what the node has beside it: its workers, and where their sockets are. */
  private void awaitStop() {
    ClipperNode node = serving.get();
    if (node == null) {
      return;
    }
    try {
      node.stopped().toCompletableFuture().get(TO_STOP.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | InterruptedException failed) {
      out.printf("clipper: not all of the node has ended: %s%n", failed);
      out.flush();
    }
  }

  private final class Console implements Lives {
    private final NodeOptions options;
    private long began = nanoClock.getAsLong();

    private Console(NodeOptions options) {
      this.options = options;
    }

    @Override
    public void starts(String waitsFor) {
      line("starting: waits for %s".formatted(waitsFor));
    }

    @Override
    public void serves(ClipperNode node) {
      serving.set(node);
      say(options, node, Duration.ofNanos(nanoClock.getAsLong() - began));
    }

    @Override
    public void cutOff() {
      line("cut off from the rest of the cluster; joining it again");
      began = nanoClock.getAsLong();
    }

    @Override
    public void waits(Refused because) {
      line("%s; trying again until it is there".formatted(because.getMessage()));
    }

    private void line(String text) {
      out.println(text);
      out.flush();
    }
  }

  private void say(NodeOptions options, ClipperNode node, Duration took) {
    String doors = node.takesQueries() ? "queries %s, gRPC %s, ".formatted(url(node.queryAddress()), place(node.grpcAddress())) : "";
    out.printf(
        "ready in %.1f s: %smanagement %s, cluster %s, %s, %s%n",
        took.toMillis() / 1000.0,
        doors,
        url(node.adminAddress()),
        node.clusterAddress(),
        counted(node.serving().applications().catalog().applications().size(), "application"),
        counted(node.serving().threads().threads(), "model thread"));
    String next = node.takesQueries() ? "demo digits" : "status --admin " + url(node.adminAddress());
    out.printf("next: ./clipper %s   (Ctrl-C stops the node)%n", next);
    out.printf("another node: ./clipper up%s%n", toJoin(options, node.clusterAddress()));
    out.flush();
  }

  /** What a node is told that is to be like this one: words in capitals are its own. */
  static String toJoin(NodeOptions options, String clusterAddress) {
    StringBuilder words = new StringBuilder();
    options.jdbc().ifPresent(url -> words.append(" --jdbc URL"));
    words.append(" --join ").append(clusterAddress);
    if (!options.host().equals(NodeOptions.LOOPBACK)) {
      words.append(" --host ADDR");
    }
    options.tls().ifPresent(folder -> words.append(" --tls DIR"));
    options.tokenFile().ifPresent(file -> words.append(" --token-file FILE"));
    return words.append(options.insecure() ? " --insecure" : "").toString();
  }

  private static String counted(int count, String thing) {
    return "%d %s%s".formatted(count, thing, count == 1 ? "" : "s");
  }

  private static String url(InetSocketAddress address) {
    return "http://" + place(address);
  }

  private static String place(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return "%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, address.getPort());
  }
}
