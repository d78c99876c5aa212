package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "update", description = "Changes an application while it serves; what is not given stays.")
final class AppUpdateCommand extends ClientVerb {
  @Parameters(paramLabel = "NAME", description = "the application")
  private String name = "";

  @Option(names = "--default", paramLabel = "VALUE", description = "the answer where there is no other")
  private Optional<String> defaultOutput = Optional.empty();

  @Option(names = "--slo", paramLabel = "TIME", description = "the time to answer in, such as 50ms")
  private Optional<Duration> slo = Optional.empty();

  @Mixin private Learning learning = new Learning();

  AppUpdateCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    ObjectNode request = NodeClient.request().put("name", name);
    defaultOutput.ifPresent(value -> request.put("default_output", value));
    slo.ifPresent(time -> request.put("latency_slo_micros", Durations.micros(time)));
    learning.into(request);
    if (request.size() == 1) {
      throw wrong("nothing to change: give at least one option");
    }
    return said(client.admin("update_app", request), "./clipper status");
  }
}
