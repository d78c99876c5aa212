package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "scale", description = "Sets how many copies of a model run.")
final class ScaleCommand extends ClientVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "the model")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "N|every-node",
      description = "copies of its version in use; 0 stops them, every-node is one on each node that may run it, those too that join later")
  private Copies copies = new Copies("1");

  ScaleCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(client.admin("scale", copies.putIn(NodeClient.request().put("model_name", name))), "./clipper status");
  }
}
