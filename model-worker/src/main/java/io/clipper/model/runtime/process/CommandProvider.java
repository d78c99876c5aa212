package io.clipper.model.runtime.process;

import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.oip.OipModelRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Runs a server that knows nothing of nodes, by its command. */
final class CommandProvider implements RuntimeProvider {
  private final Workers workers;
  private final Steps steps;

  CommandProvider(Workers workers, Steps steps) {
    this.workers = workers;
    this.steps = steps;
  }

  @Override
  public String kind() {
    return "process";
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    throw new ModelLoadException("a worker process has to know the model's name");
  }

  @Override
  public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    if (!(spec instanceof RuntimeSpec.Command command)) {
      throw new ModelLoadException("%s is no command".formatted(spec));
    }
    ServerCommand server = ServerCommand.of(command, id, command.worker().threads().orElse(threads.threads()), workers.nextSocket());
    steps.at(id, "its server starts");
    try {
      return workers.start(id, server, command.worker().memoryBytes(), patience -> connect(command, id, server.target(), patience));
    } finally {
      steps.over(id);
    }
  }

  private static OipModelRuntime connect(RuntimeSpec.Command command, ModelId id, String target, Duration patience) throws ModelLoadException {
    Optional<Signature> declared = command.inputType().flatMap(InputType::named).map(InputType::signature);
    String name = command.model().isEmpty() ? id.name() : command.model();
    return OipModelRuntime.connect(target, name, command.version(), declared, patience, command.passThrough());
  }
}
