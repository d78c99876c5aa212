package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "promote", description = "Puts the version that takes a share of the queries into use.")
final class PromoteCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the model")
  private String name = "";

  PromoteCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(client.admin("promote", NodeClient.request().put("model_name", name)), "./clipper rollback %s".formatted(name));
  }
}
