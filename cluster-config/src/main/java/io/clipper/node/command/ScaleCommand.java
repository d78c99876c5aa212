package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "scale", description = "Sets how many copies of a model run.")
final class ScaleCommand extends ClientVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "the model")
  private String name = "";

  @Parameters(index = "1", paramLabel = "N", description = "copies of its version in use; 0 stops them")
  private int replicas;

  ScaleCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    if (replicas < 0) {
      throw wrong("%d copies cannot run".formatted(replicas));
    }
    return said(client.admin("scale", NodeClient.request().put("model_name", name).put("replicas", replicas)), "./clipper status");
  }
}
