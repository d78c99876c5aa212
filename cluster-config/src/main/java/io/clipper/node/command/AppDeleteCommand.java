package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "delete", description = "Deletes an application; its models stay.")
final class AppDeleteCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the application")
  private String name = "";

  AppDeleteCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(client.admin("delete_app", NodeClient.request().put("name", name)), "./clipper app list");
  }
}
