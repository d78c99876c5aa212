package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "rollback", description = "Goes back to the version that was in use before, with what was learned about it.")
final class RollbackCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the model")
  private String name = "";

  RollbackCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(client.admin("rollback", NodeClient.request().put("model_name", name)), "./clipper status");
  }
}
