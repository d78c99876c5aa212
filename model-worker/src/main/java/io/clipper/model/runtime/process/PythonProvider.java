package io.clipper.model.runtime.process;

import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.WorkerOptions;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** Runs a Python function by the package {@code clipper_worker}. */
final class PythonProvider implements RuntimeProvider {
  private final Workers workers;
  private final PythonEnvironments environments;
  private final Steps steps;

  PythonProvider(Workers workers, PythonEnvironments environments, Steps steps) {
    this.workers = workers;
    this.environments = environments;
    this.steps = steps;
  }

  @Override
  public String kind() {
    return "python";
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    throw new ModelLoadException("a worker process has to know the model's name");
  }

  /** The environment, which may take minutes. */
  @Override
  public CompletionStage<Void> prepare(ModelId id, RuntimeSpec spec, Optional<Path> artifact) {
    return spec instanceof RuntimeSpec.Python python && artifact.isPresent()
        ? interpreter(id, python, artifact.get()).whenComplete((made, failure) -> steps.over(id)).thenAccept(made -> { })
        : CompletableFuture.completedStage(null);
  }

  @Override
  public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    if (!(spec instanceof RuntimeSpec.Python python)) {
      throw new ModelLoadException("%s is not what Python runs".formatted(spec));
    }
    Path folder = artifact.orElseThrow(() -> new ModelLoadException("a Python model is a folder, and none is given"));
    try {
      Path interpreter = awaited(interpreter(id, python, folder));
      steps.at(id, "its worker starts");
      int threadCount = python.worker().threads().orElse(threads.threads());
      return workers.start(
          id,
          target -> command(id, python, folder, interpreter, threadCount, target),
          environment(python, environments.workerPackage(), interpreter),
          signature(python.inputType()));
    } finally {
      steps.over(id);
    }
  }

  private CompletionStage<Path> interpreter(ModelId id, RuntimeSpec.Python python, Path folder) {
    return python.interpreter().isPresent()
        ? CompletableFuture.completedStage(Path.of(python.interpreter().get()))
        : environments.interpreter(folder, folder.resolve(fileOf(python.entry())), step -> steps.at(id, step));
  }

  private static Path awaited(CompletionStage<Path> interpreter) throws ModelLoadException {
    try {
      return interpreter.toCompletableFuture().get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ModelLoadException("the node stops", interrupted);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof ModelLoadException impossible ? impossible : new ModelLoadException(String.valueOf(failed.getCause()), failed);
    }
  }

  /** An entry without its function. */
  private static String fileOf(String entry) {
    int colon = entry.lastIndexOf(':');
    return colon < 0 ? entry : entry.substring(0, colon);
  }

  private static List<String> command(ModelId id, RuntimeSpec.Python python, Path source, Path interpreter, int threads, String target) {
    List<String> command = new ArrayList<>(List.of(interpreter.toString(), "-m", "clipper_worker", source.resolve(python.entry()).toString()));
    command.addAll(List.of("--name", id.name(), "--version", id.version(), "--listen", target, "--threads", Integer.toString(threads)));
    python.inputType().ifPresent(type -> command.addAll(List.of("--input-type", type)));
    return command;
  }

  /** Nothing is written beside the artifact or in an environment that is not the node's, and what the model prints is seen at once. */
  private static WorkerOptions environment(RuntimeSpec.Python python, Path workerPackage, Path interpreter) {
    WorkerOptions options = python.worker();
    Map<String, String> environment = new HashMap<>(options.environment());
    environment.merge("PYTHONPATH", workerPackage.toString(), (own, ours) -> ours + File.pathSeparator + own);
    if (python.interpreter().isPresent()) {
      environment.put("PYTHONDONTWRITEBYTECODE", "1");
    } else {
      environment.put("PYTHONDONTWRITEBYTECODE", ""); // as if it were not in the node's own
      environment.put("PYTHONPYCACHEPREFIX", PythonEnvironments.bytecode(interpreter).toString());
    }
    environment.put("PYTHONUNBUFFERED", "1");
    return new WorkerOptions(environment, options.threads(), options.memoryBytes());
  }

  private static Optional<Signature> signature(Optional<String> inputType) {
    return inputType.flatMap(InputType::named).map(InputType::signature);
  }
}
