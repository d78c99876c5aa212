package io.clipper.node.command;

import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rollout",
    description = {
      "Puts a version that was deployed before into use.",
      "With --percent it takes that share of the queries beside the version in use, the same contexts each time."
    })
final class RolloutCommand extends ClientVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "the model")
  private String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "VERSION", description = "the version")
  private Optional<String> version = Optional.empty();

  @Option(names = "--version", paramLabel = "V", description = "the version, where it is not given as VERSION")
  private Optional<String> named = Optional.empty();

  @Option(names = "--percent", paramLabel = "P", description = "1 to 99: as a canary, to be ended by promote or abort")
  private Optional<Integer> percent = Optional.empty();

  RolloutCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    if (version.isPresent() == named.isPresent()) {
      throw wrong("give one version");
    }
    var asked = NodeClient.request().put("model_name", name).put("model_version", version.or(() -> named).orElseThrow());
    return percent.isPresent()
        ? said(client.admin("start_canary", asked.put("percent", percent.get())), "./clipper status   (then promote %1$s, or abort %1$s)".formatted(name))
        : said(client.admin("set_model_version", asked), "./clipper rollback %s".formatted(name));
  }
}
