package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "link", description = "Lets an application ask models that are there.")
final class LinkCommand extends ClientVerb {
  @Parameters(index = "0", paramLabel = "APP", description = "the application")
  private String application = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "MODEL", description = "names of models")
  private List<String> models = List.of();

  LinkCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    return said(client.admin("add_model_links", links(application, models)), "./clipper predict %s VALUES".formatted(application));
  }

  static ObjectNode links(String application, List<String> models) {
    ObjectNode request = NodeClient.request().put("app_name", application);
    ArrayNode names = request.putArray("model_names");
    models.forEach(names::add);
    return request;
  }
}
