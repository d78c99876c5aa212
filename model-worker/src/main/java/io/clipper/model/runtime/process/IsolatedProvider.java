package io.clipper.model.runtime.process;

import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs what this JVM could run in another, by {@link WorkerMain}. */
final class IsolatedProvider implements RuntimeProvider {
  /** A small heap that grows by need, and standard error without what newer JDKs and SLF4J have to say: its last lines are why a worker failed. */
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms32m",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "-Dsun.misc.unsafe.memory.access=allow",
          "-Dslf4j.internal.verbosity=ERROR");

  private final Workers workers;

  IsolatedProvider(Workers workers) {
    this.workers = workers;
  }

  @Override
  public String kind() {
    return "isolated";
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    throw new ModelLoadException("a worker process has to know the model's name");
  }

  @Override
  public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    if (!(spec instanceof RuntimeSpec.Isolated isolated)) {
      throw new ModelLoadException("%s is not what a process runs".formatted(spec));
    }
    WorkerArguments arguments =
        switch (isolated.model()) {
          case RuntimeSpec.Onnx onnx -> arguments(id, "onnx", onnx.device().map(device -> Map.of(WorkerArguments.DEVICE, device)).orElse(Map.of()), artifact, isolated, threads);
          case RuntimeSpec.PlugIn plugIn -> arguments(id, plugIn.kind(), plugIn.options(), artifact, isolated, threads);
          case RuntimeSpec.Python python -> throw unfit(isolated);
          case RuntimeSpec.Command command -> throw unfit(isolated);
          case RuntimeSpec.Isolated again -> throw unfit(isolated);
          case RuntimeSpec.Endpoint endpoint -> throw unfit(isolated);
          case RuntimeSpec.Announced announced -> throw unfit(isolated);
        };
    return workers.start(id, target -> command(arguments.listeningAt(target)), isolated.worker(), Optional.empty());
  }

  private static WorkerArguments arguments(
      ModelId id, String kind, Map<String, String> options, Optional<Path> artifact, RuntimeSpec.Isolated isolated, ThreadBudget threads) {
    return new WorkerArguments("", id, kind, options, artifact, isolated.worker().threads().orElse(threads.threads()));
  }

  private static List<String> command(WorkerArguments arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(WorkerMain.class.getName());
    command.addAll(arguments.line());
    return command;
  }

  private static ModelLoadException unfit(RuntimeSpec.Isolated isolated) {
    return new ModelLoadException("%s is in no JVM that it could be isolated from".formatted(isolated.model()));
  }
}
