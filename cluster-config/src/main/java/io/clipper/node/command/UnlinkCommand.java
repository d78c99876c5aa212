package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "unlink", description = "Stops an application from asking models; the models stay.")
final class UnlinkCommand extends ClientVerb {
  @Parameters(index = "0", paramLabel = "APP", description = "the application")
  private String application = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "MODEL", description = "names of models")
  private List<String> models = List.of();

  UnlinkCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(client.admin("delete_model_links", LinkCommand.links(application, models)), "./clipper status");
  }
}
