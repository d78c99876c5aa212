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

  @Parameters(
      index = "1",
      paramLabel = "MODEL",
      description = {
        "FILE.onnx, whose bytes are kept; or a server that somebody else runs:",
        "grpc://HOST:PORT[/MODEL[/VERSION]] (Open Inference Protocol) or http://HOST:PORT/v1/models/NAME (rows)"
      })
  private String model = "";

  @Option(names = "--isolated", description = "in a process of its own: what crashes there, crashes alone")
  private boolean isolated;

  @Option(names = "--pass-through", description = "each row to that server by itself: it gathers batches, not the node")
  private boolean passThrough;

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
    boolean endpoint = model.contains("://");
    if (!endpoint && !model.toLowerCase(Locale.ROOT).endsWith(".onnx")) {
      throw wrong("'%s' is neither an .onnx file nor a server; other kinds of model cannot be deployed yet".formatted(model));
    }
    if ((endpoint && isolated) || (passThrough && !endpoint)) {
      throw wrong("--isolated is for a file, --pass-through for a server");
    }
    byte[] artifact = endpoint ? new byte[0] : UserFiles.bytes(Path.of(model));
    JsonNode deployed = client.deploy(artifact, parameters(version.orElseGet(() -> Models.of(client).nextVersion(name))));
    if (json) {
      return json(deployed);
    }
    terminal.line(
        "%s:%s is %s (%s)"
            .formatted(
                deployed.path("model").asText(name),
                deployed.path("version").asText(),
                deployed.path("state").asText("deployed"),
                endpoint ? model : "sha256 " + deployed.path("artifact").asText()));
    application.ifPresent(app -> terminal.line("application %s asks it".formatted(app)));
    terminal.next(application.map("./clipper predict %s VALUES"::formatted).orElse("./clipper link APP %s".formatted(name)));
    return OK;
  }

  private Map<String, String> parameters(String named) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("name", name);
    parameters.put("version", named);
    if (model.startsWith("grpc://")) {
      String[] parts = model.substring("grpc://".length()).split("/", 3);
      parameters.put("endpoint", "grpc://" + parts[0]);
      parameters.put("endpoint_model", parts.length > 1 ? parts[1] : name);
      parameters.put("endpoint_version", parts.length > 2 ? parts[2] : "");
    } else if (model.contains("://")) {
      parameters.put("endpoint", model);
    }
    if (passThrough) {
      parameters.put("pass_through", "true");
    }
    if (isolated) {
      parameters.put("isolated", "true");
    }
    inputType.ifPresent(type -> parameters.put("input_type", type));
    replicas.ifPresent(count -> parameters.put("replicas", Integer.toString(count)));
    application.ifPresent(app -> parameters.put("app", app));
    slo.ifPresent(time -> parameters.put("slo_micros", Long.toString(Durations.micros(time))));
    defaultOutput.ifPresent(value -> parameters.put("default_output", value));
    return parameters;
  }
}
