package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.Models;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Table;
import io.clipper.node.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "list", description = "Lists the applications.")
final class AppListCommand extends ClientVerb {
  @Option(names = "--json", description = "as JSON")
  private boolean json;

  AppListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    JsonNode applications = client.admin("get_all_applications", NodeClient.request().put("verbose", true));
    if (json) {
      return json(applications);
    }
    table(applications).lines().forEach(terminal::line);
    terminal.next(
        applications.isEmpty() ? "./clipper app create NAME --input-type doubles" : "./clipper status");
    return OK;
  }

  static Table table(JsonNode applications) {
    Table table = new Table("application", "input", "slo", "default", "models");
    for (JsonNode application : applications) {
      table.row(
          application.path("name").asText(),
          application.path("input_type").asText(),
          Durations.text(application.path("latency_slo_micros").asLong()),
          application.path("default_output").asText(),
          String.join(" ", Models.strings(application.path("linked_models"))));
    }
    return table;
  }
}
