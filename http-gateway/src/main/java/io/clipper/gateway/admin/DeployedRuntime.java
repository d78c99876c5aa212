package io.clipper.gateway.admin;

import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** How a deployed version is run, as its query parameters say; what does not go together is refused. */
final class DeployedRuntime {
  static final String ENVIRONMENT = "env.";

  private static final List<String> OF_PYTHON = List.of("interpreter");
  private static final List<String> OF_A_PROCESS = List.of("memory_bytes", "threads");
  private static final List<String> OF_A_COMMAND = List.of("directory", "served_as");
  private static final List<String> NOT_OF_A_COMMAND =
      List.of("isolated", "entry", "interpreter", "device", "endpoint", "endpoint_model", "endpoint_version");
  private static final int MOST_THREADS = 1024;

  private DeployedRuntime() {}

  static RuntimeSpec of(QueryParameters given) {
    if (!given.text("command").isEmpty()) {
      return command(given);
    }
    refuse(given, OF_A_COMMAND, "is for a command: give 'command' too");
    boolean isolated = given.flag("isolated");
    Optional<String> endpoint = given.value("endpoint", DeployedRuntime::endpoint);
    Optional<String> entry = given.value("entry", DeployedRuntime::entry);
    if (isolated && endpoint.isPresent()) {
      throw Names.invalid("query parameters 'isolated' and 'endpoint' exclude each other");
    }
    if (entry.isPresent() && (isolated || endpoint.isPresent())) {
      throw Names.invalid("query parameter 'entry' is for a Python model, which is always a process of its own: without 'isolated' and 'endpoint'");
    }
    if (entry.isPresent() || endpoint.isPresent()) {
      refuse(given, List.of("device"), "is for an ONNX file: without 'entry' and 'endpoint'");
    }
    if (entry.isEmpty()) {
      refuse(given, OF_PYTHON, "is for a Python model: give 'entry' too");
    }
    if (entry.isEmpty() && !isolated) {
      refuse(given, OF_A_PROCESS, "is for a process of its own: give 'isolated=true' too");
      given.under(ENVIRONMENT).keySet().stream().findFirst().ifPresent(
          name -> {
            throw Names.invalid("query parameter '%s%s' is for a process of its own: give 'isolated=true' too".formatted(ENVIRONMENT, name));
          });
    }
    if (endpoint.isPresent()) {
      return new RuntimeSpec.Endpoint(
          endpoint.get(), given.text("endpoint_model"), given.text("endpoint_version"), given.value("input_type", type -> type), given.flag("pass_through"));
    }
    if (entry.isPresent()) {
      return new RuntimeSpec.Python(
          entry.get(), given.value("input_type", type -> type), given.value("interpreter", path -> absolute("interpreter", path)), worker(given), Optional.empty());
    }
    RuntimeSpec onnx = Names.checked(() -> new RuntimeSpec.Onnx(given.value("device", device -> device)));
    return isolated ? new RuntimeSpec.Isolated(onnx, worker(given)) : onnx;
  }

  private static RuntimeSpec command(QueryParameters given) {
    refuse(given, NOT_OF_A_COMMAND, "is not for a command, which is a server with a process of its own: without 'command'");
    String[] servedAs = given.text("served_as").split("/", 2);
    return Names.checked(
        () ->
            new RuntimeSpec.Command(
                CommandWords.of(given.text("command")),
                given.value("directory", directory -> absolute("directory", directory)),
                servedAs[0],
                servedAs.length > 1 ? servedAs[1] : "",
                given.value("input_type", type -> type),
                given.flag("pass_through"),
                worker(given),
                Optional.empty()));
  }

  /** Tied to where its command is, or its interpreter if it has one of its own. */
  static RuntimeSpec at(RuntimeSpec runtime, Supplier<Optional<String>> machine) {
    return switch (runtime) {
      case RuntimeSpec.Python(var entry, var inputType, var interpreter, var worker, var before) when interpreter.isPresent() ->
          new RuntimeSpec.Python(entry, inputType, interpreter, worker, Optional.of(here(machine, "interpreter", interpreter.get())));
      case RuntimeSpec.Command command -> command.at(here(machine, "command", command.words().getFirst()));
      default -> runtime;
    };
  }

  private static String here(Supplier<Optional<String>> machine, String parameter, String what) {
    return machine
        .get()
        .orElseThrow(() -> Names.invalid("query parameter '%s': this node runs no models; ask one on the machine that has '%s'".formatted(parameter, what)));
  }

  private static WorkerOptions worker(QueryParameters given) {
    OptionalLong memory = given.number("memory_bytes", 1, Long.MAX_VALUE);
    OptionalLong threads = given.number("threads", 1, MOST_THREADS);
    return new WorkerOptions(
        given.under(ENVIRONMENT),
        threads.isPresent() ? Optional.of((int) threads.getAsLong()) : Optional.empty(),
        memory.isPresent() ? Optional.of(memory.getAsLong()) : Optional.empty());
  }

  private static void refuse(QueryParameters given, List<String> keys, String why) {
    for (String key : keys) {
      if (!given.text(key).isEmpty()) {
        throw Names.invalid("query parameter '%s' %s".formatted(key, why));
      }
    }
  }

  private static String endpoint(String url) {
    if (!url.startsWith("grpc://") && !url.startsWith("http://") && !url.startsWith("https://")) {
      throw Names.invalid("query parameter 'endpoint' is '%s', which is neither grpc://HOST:PORT nor http://HOST:PORT/v1/models/NAME".formatted(url));
    }
    return url;
  }

  /** What is served lies in what was uploaded: the node's own files are not to be had so. */
  private static String entry(String entry) {
    boolean leadsOut = entry.startsWith("/") || entry.startsWith("\\") || List.of(entry.split("[/\\\\:]", -1)).contains("..");
    if (leadsOut || entry.chars().anyMatch(Character::isISOControl)) {
      throw Names.invalid("query parameter 'entry' is '%s', which is no FILE[:FUNCTION] of the archive".formatted(entry));
    }
    return entry;
  }

  private static String absolute(String parameter, String path) {
    if (!path.startsWith("/")) {
      throw Names.invalid("query parameter '%s' is '%s', which is no absolute path on the node".formatted(parameter, path));
    }
    return path;
  }
}
