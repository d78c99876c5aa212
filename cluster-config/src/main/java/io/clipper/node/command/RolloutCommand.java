package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "rollout", description = "Puts a version that was deployed before into use.")
final class RolloutCommand extends ClientVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "the model")
  private String name = "";

  @Parameters(index = "1", paramLabel = "VERSION", description = "the version")
  private String version = "";

  RolloutCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(
        client.admin("set_model_version", NodeClient.request().put("model_name", name).put("model_version", version)),
        "./clipper rollback %s".formatted(name));
  }
}
