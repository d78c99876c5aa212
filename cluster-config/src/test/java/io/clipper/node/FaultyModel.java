package io.clipper.node;

import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** Models of kind {@code faulty}, which answer their input's first number; below 0 there are numbers that do worse. */
public final class FaultyModel implements RuntimeProvider {
  static final String KIND = "faulty";
  /** Ends the process there and then. */
  static final double KILLS = -1;
  /** Is answered by one output too many. */
  static final double GARBAGE = -2;
  /** Takes memory with the next batch and keeps it, so that it is answered before anybody minds; the answer is how often. */
  static final double LEAKS = -3;
  /** Is not answered, and neither is anything after it. */
  static final double HANGS = -4;

  /** An option, the path of a file: while it is there the model does not load, and says what is in it. */
  static final String REFUSES_BY = "refuses-by";

  private static final int LEAK_BYTES = 300 << 20;

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    String refusal = spec instanceof RuntimeSpec.PlugIn plugIn ? plugIn.options().get(REFUSES_BY) : null;
    if (refusal != null) {
      refuseBy(Path.of(refusal));
    }
    List<byte[]> leaked = new ArrayList<>();
    AtomicBoolean hangs = new AtomicBoolean();
    return new ModelRuntime() {
      private int leaks;

      @Override
      public Signature signature() {
        return InputType.DOUBLES.signature();
      }

      @Override
      public CompletionStage<List<Output>> predict(List<Input> inputs) {
        while (leaked.size() < leaks) {
          byte[] block = new byte[LEAK_BYTES];
          Arrays.fill(block, (byte) 1);
          leaked.add(block);
        }
        List<Output> outputs = new ArrayList<>();
        for (Input input : inputs) {
          double number = input.first().doubleAt(0);
          if (number == HANGS) {
            hangs.set(true);
          }
          if (hangs.get()) {
            return new CompletableFuture<>();
          }
          if (number == KILLS) {
            Runtime.getRuntime().halt(42);
          } else if (number == GARBAGE) {
            outputs.add(Output.of(number));
          } else if (number == LEAKS) {
            leaks++;
          }
          outputs.add(Output.of(number == LEAKS ? leaks : number));
        }
        return CompletableFuture.completedStage(outputs);
      }

      @Override
      public void close() {
        leaked.clear();
      }
    };
  }

  private static void refuseBy(Path refusal) throws ModelLoadException {
    if (Files.exists(refusal)) {
      try {
        throw new ModelLoadException(Files.readString(refusal));
      } catch (IOException unreadable) {
        throw new ModelLoadException(refusal + " cannot be read", unreadable);
      }
    }
  }
}
