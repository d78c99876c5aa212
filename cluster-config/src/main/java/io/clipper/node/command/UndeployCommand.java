package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.Models;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "undeploy", description = "Deletes a version of a model, or all of them.")
final class UndeployCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the model")
  private String name = "";

  @Option(names = "--version", paramLabel = "V", description = "only this version")
  private Optional<String> version = Optional.empty();

  UndeployCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    List<String> versions = version.map(List::of).orElseGet(() -> Models.of(client).versions(name));
    if (versions.isEmpty()) {
      throw new IllegalStateException("No model with name '%s' exists.".formatted(name));
    }
    for (String each : versions) {
      JsonNode answer = client.admin("delete_versioned_model", NodeClient.request().put("model_name", name).put("model_version", each));
      terminal.line(answer.asText());
    }
    terminal.next("./clipper status");
    return OK;
  }
}
