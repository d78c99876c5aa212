package io.clipper.node;

import io.clipper.node.client.NodeAddress;
import io.clipper.node.client.NodeClient;
import io.clipper.node.command.NodeOptions;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Real nodes for tests, on ports that are free. */
public final class TestNodes {
  private TestNodes() {}

  public static ClipperNode start(Path data) {
    return ClipperNode.start(options(data, 0, 0));
  }

  static NodeOptions options(Path data, int httpPort, int clusterPort) {
    return options(data, httpPort, clusterPort, true);
  }

  static NodeOptions options(Path data, int httpPort, int clusterPort, boolean quickstart) {
    return new NodeOptions(
        data,
        Optional.of(httpPort),
        Optional.of(0),
        Optional.of(0),
        Optional.of(clusterPort),
        "127.0.0.1",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Set.of(),
        quickstart);
  }

  static NodeClient client(ClipperNode node) {
    return new NodeClient(new NodeAddress(uri(node.adminAddress()), uri(node.queryAddress()), Optional.empty()));
  }

  private static URI uri(InetSocketAddress address) {
    return URI.create("http://127.0.0.1:" + address.getPort());
  }
}
