package io.clipper.node.command;

import io.clipper.node.client.NodeAddress;
import io.clipper.node.client.NodeClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options by which every client verb finds its node. */
final class NodeAt {
  @Option(names = "--admin", paramLabel = "URL", description = "the node's management address (default: ${DEFAULT-VALUE})")
  private URI admin = URI.create("http://127.0.0.1:1338");

  @Option(names = "--query", paramLabel = "URL", description = "the node's query address (default: ${DEFAULT-VALUE})")
  private URI query = URI.create("http://127.0.0.1:1337");

  @Option(names = "--token-file", paramLabel = "FILE", description = "the token that management asks for off loopback")
  private Optional<Path> tokenFile = Optional.empty();

  NodeClient client() {
    return new NodeClient(new NodeAddress(admin, query, tokenFile.map(UserFiles::secret)));
  }
}
