package io.clipper.node;

import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Models of kind {@code faulty}, which answer their input's first number; below 0 there are numbers that do worse. */
public final class FaultyModel implements RuntimeProvider {
  static final String KIND = "faulty";
  /** Ends the process there and then. */
  static final double KILLS = -1;
  /** Is answered by one output too many. */
  static final double GARBAGE = -2;
  /** Takes memory and keeps it; is answered by how often. */
  static final double LEAKS = -3;

  private static final int LEAK_BYTES = 300 << 20;

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) {
    List<byte[]> leaked = new ArrayList<>();
    return new ModelRuntime() {
      @Override
      public Signature signature() {
        return InputType.DOUBLES.signature();
      }

      @Override
      public CompletionStage<List<Output>> predict(List<Input> inputs) {
        List<Output> outputs = new ArrayList<>();
        for (Input input : inputs) {
          double number = input.first().doubleAt(0);
          if (number == KILLS) {
            Runtime.getRuntime().halt(42);
          } else if (number == GARBAGE) {
            outputs.add(Output.of(number));
          } else if (number == LEAKS) {
            byte[] block = new byte[LEAK_BYTES];
            Arrays.fill(block, (byte) 1);
            leaked.add(block);
          }
          outputs.add(Output.of(number == LEAKS ? (double) leaked.size() : number));
        }
        return CompletableFuture.completedStage(outputs);
      }

      @Override
      public void close() {
        leaked.clear();
      }
    };
  }
}
