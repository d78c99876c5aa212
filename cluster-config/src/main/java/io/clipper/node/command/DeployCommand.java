package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.Models;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      arity = "0..1",
      paramLabel = "MODEL",
      description = {
        "FILE.onnx; or what Python serves: FILE.py[:FUNCTION], FOLDER[:FUNCTION], a folder saved by MLflow,",
        "FILE.pkl .joblib .ubj .bst .json .txt .lgb .pt .pth; or a server that somebody else runs:",
        "grpc://HOST:PORT[/MODEL[/VERSION]] (Open Inference Protocol) or http://HOST:PORT/v1/models/NAME (rows)"
      })
  private Optional<String> model = Optional.empty();

  @Mixin private ProcessOptions process = new ProcessOptions();

  @Option(names = "--pass-through", description = "each row to that server by itself: it gathers batches, not the node")
  private boolean passThrough;

  @Option(
      names = "--input-type",
      paramLabel = "TYPE",
      description = "bytes, integers, floats, doubles, strings or tensors as NAME:DATATYPE[SHAPE],…, with a ? behind optional ones (default: what the model says)")
  private Optional<String> inputType = Optional.empty();

  @Option(names = "--version", paramLabel = "V", description = "the version's name (default: the next whole number)")
  private Optional<String> version = Optional.empty();

  @Option(
      names = "--replicas",
      paramLabel = "N|every-node",
      description = "how many copies run; every-node is one on each node that may run it, those too that join later")
  private Optional<Copies> replicas = Optional.empty();

  @Option(
      names = "--percent",
      paramLabel = "P",
      description = "1 to 99: takes that share of the queries beside the version in use, to be ended by promote or abort")
  private Optional<Integer> percent = Optional.empty();

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
    JsonNode deployed = deployed(client);
    if (json) {
      return json(deployed);
    }
    terminal.line(
        "%s:%s is %s (%s)"
            .formatted(
                deployed.path("model").asText(name),
                deployed.path("version").asText(),
                deployed.path("state").asText("deployed"),
                process.command.or(() -> model.filter(text -> text.contains("://"))).orElseGet(() -> "sha256 " + deployed.path("artifact").asText())));
    if (process.command.isPresent()) {
      terminal.line("its command is one of this node's machine: it cannot move to another node");
    }
    if (process.isNodeLocal()) {
      terminal.line("it runs by the Python of this node's machine: it cannot move to another node");
    }
    if (deployed.path("remark").isTextual()) {
      terminal.line(deployed.path("remark").asText());
    }
    application.ifPresent(app -> terminal.line("application %s asks it".formatted(app)));
    terminal.next(application.map("./clipper predict %s VALUES"::formatted).orElse("./clipper link APP %s".formatted(name)));
    return OK;
  }
  private JsonNode deployed(NodeClient client) {
    try (Upload upload = Upload.of(name, model, process, passThrough)) {
      String named = version.orElseGet(() -> Models.of(client).nextVersion(name));
      Map<String, String> parameters = new LinkedHashMap<>();
      parameters.put("name", name);
      parameters.put("version", named);
      parameters.putAll(upload.parameters());
      inputType.ifPresent(type -> parameters.put("input_type", type));
      replicas.ifPresent(copies -> parameters.put("replicas", copies.text()));
      percent.ifPresent(share -> parameters.put("percent", Integer.toString(share)));
      application.ifPresent(app -> parameters.put("app", app));
      slo.ifPresent(time -> parameters.put("slo_micros", Long.toString(Durations.micros(time))));
      defaultOutput.ifPresent(value -> parameters.put("default_output", value));
      return DeployProgress.await(client.deploying(upload.body(), parameters), client, terminal, name, named);
    } catch (IllegalArgumentException unfit) {
      throw wrong(String.valueOf(unfit.getMessage()));
    }
  }
}
