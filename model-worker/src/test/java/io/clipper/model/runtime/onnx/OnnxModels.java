package io.clipper.model.runtime.onnx;

import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.Runtimes;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The committed test models, loaded as a node loads them. */
final class OnnxModels {
  private static final Runtimes RUNTIMES = Runtimes.found(new ThreadBudget(2));

  private OnnxModels() {}

  static Path file(String name) {
    return Path.of("src/test/resources/onnx", name + ".onnx");
  }

  static ModelRuntime load(String name) {
    try {
      return load(file(name));
    } catch (ModelLoadException refused) {
      throw new AssertionError(refused);
    }
  }

  static ModelRuntime load(Path file) throws ModelLoadException {
    return RUNTIMES.load(new ModelId("model", "1"), new RuntimeSpec.Onnx(), Optional.of(file));
  }

  static List<Output> predict(ModelRuntime model, List<Input> batch) {
    return model.predict(batch).toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** One batch through a model that is loaded for it. */
  static List<Output> predict(String name, Tensor... rows) {
    try (ModelRuntime model = load(name)) {
      return predict(model, Arrays.stream(rows).map(Input::of).toList());
    }
  }
}
