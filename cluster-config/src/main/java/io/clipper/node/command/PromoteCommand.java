package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "promote", description = "Puts the version that takes a share of the queries into use.")
final class PromoteCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the model")
  private String name = "";

  @Option(names = "--version", paramLabel = "V", description = "the version that is meant: it may be in use already")
  private Optional<String> version = Optional.empty();

  PromoteCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    ObjectNode asked = NodeClient.request().put("model_name", name);
    version.ifPresent(meant -> asked.put("model_version", meant));
    return said(client.admin("promote", asked), "./clipper rollback %s".formatted(name));
  }
}
