package io.clipper.load;

import io.clipper.node.client.NodeAddress;
import io.clipper.node.client.NodeClient;
import io.clipper.node.command.ClipperCommand;
import io.clipper.node.terminal.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whoever runs {@code ./clipper} against a node. */
record Operator(NodeProcess node) {
  /** Blocks until the command has ended; throws {@link IllegalStateException} with what it said where it did not end well. */
  void run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--admin", url(node.adminAddress()), "--query", url(node.queryAddress())));
    StringWriter said = new StringWriter();
    PrintWriter both = new PrintWriter(said, true);
    int exit = ClipperCommand.line(new Terminal(both, both, false)).execute(all.toArray(String[]::new));
    if (exit != 0) {
      throw new IllegalStateException("clipper %s ended with %d: %s".formatted(String.join(" ", words), exit, said));
    }
  }

  NodeClient client() {
    return new NodeClient(new NodeAddress(URI.create(url(node.adminAddress())), URI.create(url(node.queryAddress())), Optional.empty()));
  }

  private static String url(InetSocketAddress address) {
    return "http://127.0.0.1:" + address.getPort();
  }
}
