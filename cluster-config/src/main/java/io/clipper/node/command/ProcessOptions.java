package io.clipper.node.command;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a model that has a process of its own is run. */
final class ProcessOptions {
  @Option(names = "--isolated", description = "an ONNX file in a process of its own: what crashes there, crashes alone")
  boolean isolated;

  @Option(names = "--device", paramLabel = "DEVICE", description = "of an ONNX file: cuda:0, the node's first GPU, in a build with CUDA (default: cpu)")
  Optional<String> device = Optional.empty();

  @Option(
      names = "--requirements",
      paramLabel = "FILE",
      description = "a Python model's pinned packages: the node makes an environment of them (default: the folder's own requirements.txt)")
  Optional<Path> requirements = Optional.empty();

  @Option(names = "--venv", paramLabel = "DIR", description = "a virtual environment on the node's machine instead: such a model cannot move")
  Optional<Path> venv = Optional.empty();

  @Option(names = "--python", paramLabel = "PATH", description = "a Python on the node's machine instead: such a model cannot move")
  Optional<Path> python = Optional.empty();

  @Option(
      names = "--command",
      paramLabel = "LINE",
      description = {
        "instead of MODEL: a program on the node's machine, and its arguments, that serves the Open Inference Protocol over gRPC. The node",
        "starts, watches and stops it. It listens at 127.0.0.1:{port} or at the socket {socket}; there are also {free-port}, another each",
        "time, {name}, {version} and {threads}, in the values of --env too. Such a model cannot move"
      })
  Optional<String> command = Optional.empty();

  @Option(names = "--directory", paramLabel = "DIR", description = "where that command is started (default: here)")
  Optional<Path> directory = Optional.empty();

  @Option(names = "--served-as", paramLabel = "MODEL[/VERSION]", description = "what that server calls it (default: NAME, whichever version it has in use)")
  Optional<String> servedAs = Optional.empty();

  @Option(names = "--env", paramLabel = "K=V", description = "a variable of its environment; may be given again")
  Map<String, String> environment = new LinkedHashMap<>();

  @Option(names = "--memory", paramLabel = "SIZE", description = "such as 2g: above it, the process is ended and started again")
  Optional<Size> memory = Optional.empty();

  @Option(names = "--threads", paramLabel = "N", description = "for its arithmetic (default: the node's budget)")
  Optional<Integer> threads = Optional.empty();

  /** Whether something is asked that only Python has. */
  boolean namesPython() {
    return requirements.isPresent() || isNodeLocal();
  }

  /** Whether something is asked that only a command has. */
  boolean namesCommand() {
    return command.isPresent() || directory.isPresent() || servedAs.isPresent();
  }

  /** Whether the model needs a Python that only this machine has. */
  boolean isNodeLocal() {
    return venv.isPresent() || python.isPresent();
  }

  boolean contradicts() {
    return (requirements.isPresent() && isNodeLocal()) || (venv.isPresent() && python.isPresent());
  }

  /** Whether something is asked that only a process has. */
  boolean namesProcess() {
    return memory.isPresent() || threads.isPresent() || !environment.isEmpty();
  }

  Map<String, String> parameters() {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (isolated) {
      parameters.put("isolated", "true");
    }
    device.ifPresent(name -> parameters.put("device", name));
    // A link stays a link: Python finds its environment by the place that it was called by.
    venv.map(folder -> folder.resolve("bin").resolve("python")).or(() -> python)
        .ifPresent(path -> parameters.put("interpreter", path.toAbsolutePath().normalize().toString()));
    command.ifPresent(line -> parameters.put("command", line));
    command.map(line -> directory.orElse(Path.of(""))).ifPresent(folder -> parameters.put("directory", folder.toAbsolutePath().normalize().toString()));
    servedAs.ifPresent(names -> parameters.put("served_as", names));
    environment.forEach((name, value) -> parameters.put("env." + name, value));
    memory.ifPresent(size -> parameters.put("memory_bytes", Long.toString(size.bytes())));
    threads.ifPresent(count -> parameters.put("threads", Integer.toString(count)));
    return parameters;
  }
}
