package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "create", description = "Creates an application, and links it to models that are there.")
final class AppCreateCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the application, as it stands in its URL")
  private String name = "";

  @Option(names = "--input-type", required = true, paramLabel = "TYPE", description = "bytes, integers, floats, doubles or strings")
  private String inputType = "";

  @Option(names = "--default", paramLabel = "VALUE", description = "the answer where there is no other (default: ${DEFAULT-VALUE})")
  private String defaultOutput = "-1";

  @Option(names = "--slo", paramLabel = "TIME", description = "the time to answer in (default: 100ms)")
  private Duration slo = Duration.ofMillis(100);

  @Option(names = "--model", paramLabel = "NAME", description = "a model to link; may be repeated")
  private List<String> models = List.of();

  @Mixin private Learning learning = new Learning();

  AppCreateCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    ObjectNode request =
        NodeClient.request()
            .put("name", name)
            .put("input_type", inputType)
            .put("default_output", defaultOutput)
            .put("latency_slo_micros", Durations.micros(slo));
    learning.into(request);
    terminal.line(client.admin("add_app", request).asText());
    if (models.isEmpty()) {
      terminal.next("./clipper link %s MODEL".formatted(name));
      return OK;
    }
    return said(client.admin("add_model_links", LinkCommand.links(name, models)), "./clipper predict %s VALUES".formatted(name));
  }
}
