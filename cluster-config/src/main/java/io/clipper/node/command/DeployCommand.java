package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.Models;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "deploy",
    description = {
      "Uploads a model and puts it into use once it is warm; the file may be deleted afterwards.",
      "With --app the application is made and linked as well."
    })
final class DeployCommand extends ClientVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "the model")
  private String name = "";

  @Parameters(index = "1", paramLabel = "FILE.onnx", description = "the version's bytes")
  private Path file = Path.of("");

  @Option(
      names = "--input-type",
      paramLabel = "TYPE",
      description = "bytes, integers, floats, doubles or strings (default: what the model says)")
  private Optional<String> inputType = Optional.empty();

  @Option(names = "--version", paramLabel = "V", description = "the version's name (default: the next whole number)")
  private Optional<String> version = Optional.empty();

  @Option(names = "--replicas", paramLabel = "N", description = "how many copies run")
  private Optional<Integer> replicas = Optional.empty();

  @Option(names = "--app", paramLabel = "NAME", description = "an application to make of it")
  private Optional<String> application = Optional.empty();

  @Option(names = "--slo", paramLabel = "TIME", description = "that application's time to answer in, such as 50ms")
  private Optional<Duration> slo = Optional.empty();

  @Option(names = "--default", paramLabel = "VALUE", description = "that application's answer where there is no other")
  private Optional<String> defaultOutput = Optional.empty();

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  DeployCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    if (application.isEmpty() && (slo.isPresent() || defaultOutput.isPresent())) {
      throw wrong("--slo and --default are the application's: give --app too");
    }
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".onnx")) {
      throw wrong("'%s' is not an .onnx file; other kinds of model cannot be deployed yet".formatted(file));
    }
    byte[] artifact = UserFiles.bytes(file);
    JsonNode deployed = client.deploy(artifact, parameters(version.orElseGet(() -> Models.of(client).nextVersion(name))));
    if (json) {
      return json(deployed);
    }
    terminal.line(
        "%s:%s is %s (sha256 %s)"
            .formatted(
                deployed.path("model").asText(name),
                deployed.path("version").asText(),
                deployed.path("state").asText("deployed"),
                deployed.path("artifact").asText()));
    application.ifPresent(app -> terminal.line("application %s asks it".formatted(app)));
    terminal.next(application.map("./clipper predict %s VALUES"::formatted).orElse("./clipper link APP %s".formatted(name)));
    return OK;
  }

  private Map<String, String> parameters(String named) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("name", name);
    parameters.put("version", named);
    inputType.ifPresent(type -> parameters.put("input_type", type));
    replicas.ifPresent(count -> parameters.put("replicas", Integer.toString(count)));
    application.ifPresent(app -> parameters.put("app", app));
    slo.ifPresent(time -> parameters.put("slo_micros", Long.toString(Durations.micros(time))));
    defaultOutput.ifPresent(value -> parameters.put("default_output", value));
    return parameters;
  }
}
