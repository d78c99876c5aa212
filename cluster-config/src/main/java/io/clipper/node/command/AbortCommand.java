package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "abort", description = "Gives all queries back to the version in use; the one that took a share stays deployed.")
final class AbortCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the model")
  private String name = "";

  AbortCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(client.admin("abort", NodeClient.request().put("model_name", name)), "./clipper undeploy %s --version V".formatted(name));
  }
}
