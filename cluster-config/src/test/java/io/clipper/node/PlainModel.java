package io.clipper.node;

import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** Models of kind {@code plain}, which answer doubles as their option says; what they are asked while held waits for the release. */
public final class PlainModel implements RuntimeProvider {
  static final String KIND = "plain";
  /** The option. */
  static final String ANSWERS = "answers";
  /** How many numbers the input has. */
  static final String LENGTH = "length";
  /** What they are together. */
  static final String SUM = "sum";
  /** How many inputs came together. */
  static final String BATCH_SIZE = "batch-size";

  private static volatile CompletableFuture<Boolean> released = CompletableFuture.completedFuture(true);

  /** From now on; a version is warmed up before. */
  static void hold() {
    released = new CompletableFuture<>();
  }

  static void release() {
    released.complete(true);
  }

  /** Anything else is the answer itself. */
  static RuntimeSpec answering(String what) {
    return new RuntimeSpec.PlugIn(KIND, Map.of(ANSWERS, what));
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) {
    String answers = spec instanceof RuntimeSpec.PlugIn plugIn ? plugIn.options().getOrDefault(ANSWERS, "") : "";
    return new ModelRuntime() {
      @Override
      public Signature signature() {
        return InputType.DOUBLES.signature();
      }

      @Override
      public CompletionStage<List<Output>> predict(List<Input> inputs) {
        List<Output> outputs = inputs.stream().map(input -> answer(answers, input.first(), inputs.size())).toList();
        return released.thenApply(open -> outputs);
      }

      @Override
      public void close() {
        // It holds nothing.
      }
    };
  }

  private static Output answer(String answers, Tensor input, int batch) {
    int length = Math.toIntExact(input.elements());
    return switch (answers) {
      case LENGTH -> Output.of((long) length);
      case SUM -> Output.of(IntStream.range(0, length).mapToDouble(input::doubleAt).sum());
      case BATCH_SIZE -> Output.of((long) batch);
      default -> Output.of(answers);
    };
  }
}
