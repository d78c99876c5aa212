package io.clipper.load.experiment;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.onnx.OnnxRuntimeProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A bundled digit model, of kind {@code breakable}, that goes wrong and recovers when it is told so, under one version: nothing that
 * serves it notices but by its answers. Told by a static method, since the node makes its runtimes itself, in this JVM.
 */
public final class BreakableProvider implements RuntimeProvider {
  public static final String KIND = "breakable";

  /** The class that it fails on, where it fails on one. */
  static final String FAILS_ON = "3";

  static final Duration LATENESS = Duration.ofMillis(300);

  private static final Map<String, Fault> FAULTS = new ConcurrentHashMap<>();

  /**
   * @param unit what it is broken by, in {@link #order}
   * @param model of the bundled ones
   */
  static RuntimeSpec spec(String unit, String model) {
    return new RuntimeSpec.PlugIn(KIND, Map.of("unit", unit, "model", model));
  }

  static void order(String unit, Fault fault) {
    FAULTS.put(unit, fault);
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    if (!(spec instanceof RuntimeSpec.PlugIn plugIn)) {
      throw new ModelLoadException("a breakable model is described by a plug-in, not by " + spec);
    }
    String model = plugIn.options().getOrDefault("model", "");
    ModelRuntime sound = onnx("digits/models/%s/1/model.onnx".formatted(model), threads);
    return new Breakable(plugIn.options().getOrDefault("unit", ""), sound, onnx("digits/models-faulty/%s/2/model.onnx".formatted(model), threads));
  }

  private static ModelRuntime onnx(String resource, ThreadBudget threads) throws ModelLoadException {
    try (InputStream bytes = BreakableProvider.class.getClassLoader().getResourceAsStream(resource)) {
      if (bytes == null) {
        throw new ModelLoadException(resource + " is not on the class path");
      }
      Path file = Files.createTempFile("breakable", ".onnx");
      try {
        Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
        return new OnnxRuntimeProvider().load(new RuntimeSpec.Onnx(), Optional.of(file), threads);
      } finally {
        Files.delete(file);
      }
    } catch (IOException unreadable) {
      throw new ModelLoadException(resource + " cannot be read", unreadable);
    }
  }

  private static final class Breakable implements ModelRuntime {
    private final String unit;
    private final ModelRuntime sound;
    private final ModelRuntime broken;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    Breakable(String unit, ModelRuntime sound, ModelRuntime broken) {
      this.unit = unit;
      this.sound = sound;
      this.broken = broken;
    }

    @Override
    public Signature signature() {
      return sound.signature();
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      return switch (FAULTS.getOrDefault(unit, Fault.NONE)) {
        case NONE -> sound.predict(batch);
        case CONFUSED -> broken.predict(batch);
        case LATE ->
            sound
                .predict(batch)
                .thenApplyAsync(
                    outputs -> outputs, CompletableFuture.delayedExecutor(LATENESS.toMillis(), TimeUnit.MILLISECONDS, Runnable::run));
        case SILENT ->
            closed.thenApply(
                gone -> {
                  throw new IllegalStateException("the model was closed before it answered");
                });
        case FAILS_ON_ONE_CLASS -> sound.predict(batch).thenApply(Breakable::butOneClass);
      };
    }

    private static List<Output> butOneClass(List<Output> outputs) {
      if (outputs.stream().anyMatch(output -> output.label().filter(FAILS_ON::equals).isPresent())) {
        throw new IllegalStateException("no answer for class " + FAILS_ON);
      }
      return outputs;
    }

    @Override
    public void close() {
      closed.complete(null);
      sound.close();
      broken.close();
    }
  }
}
