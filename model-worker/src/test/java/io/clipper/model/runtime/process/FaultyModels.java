package io.clipper.model.runtime.process;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Models of kind {@code faulty}, for workers: each answers the number it is asked about, and by its number some do worse. With the option
 * {@code refuse} it does not load, and says why; with {@code hang} it says {@link #BEGUN} and loads for ever.
 */
public final class FaultyModels implements RuntimeProvider {
  /** Ends the process there and then. */
  static final double KILLS = -1;
  /** Is answered by one output too many. */
  static final double GARBAGE = -2;
  /** Takes memory and keeps it. */
  static final double LEAKS = -3;
  /** Is never answered. */
  static final double HANGS = -4;
  /** Says {@link #BEGUN} on standard output, and is answered once a byte comes on standard input. */
  static final double WAITS = -6;
  static final String BEGUN = "begun";
  /** Is answered by the process's number. */
  static final double WHO = -5;

  static RuntimeSpec spec() {
    return new RuntimeSpec.PlugIn("faulty", Map.of());
  }

  static RuntimeSpec refusing(String why) {
    return new RuntimeSpec.PlugIn("faulty", Map.of("refuse", why));
  }

  @Override
  public String kind() {
    return "faulty";
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    String refusal = spec instanceof RuntimeSpec.PlugIn plugIn ? plugIn.options().getOrDefault("refuse", "") : "";
    if (!refusal.isEmpty()) {
      throw new ModelLoadException(refusal);
    }
    if (spec instanceof RuntimeSpec.PlugIn plugIn && plugIn.options().containsKey("hang")) {
      System.out.println(BEGUN);
      new CompletableFuture<>().join();
    }
    return new Faulty();
  }

  private static final class Faulty implements ModelRuntime {
    private final List<byte[]> leaked = new ArrayList<>();

    @Override
    public Signature signature() {
      return Signature.named("doubles");
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      List<Output> outputs = new ArrayList<>();
      for (Input input : batch) {
        double number = input.first().doubleAt(0);
        if (number == KILLS) {
          Runtime.getRuntime().halt(42);
        } else if (number == GARBAGE) {
          outputs.add(Output.of(0.0));
        } else if (number == LEAKS) {
          byte[] block = new byte[300 << 20];
          Arrays.fill(block, (byte) 1);
          leaked.add(block);
        } else if (number == HANGS) {
          return new CompletableFuture<>();
        } else if (number == WAITS) {
          System.out.println(BEGUN);
          return CompletableFuture.supplyAsync(() -> afterAByte(number));
        }
        outputs.add(Output.of(number == WHO ? (double) ProcessHandle.current().pid() : number));
      }
      return CompletableFuture.completedStage(outputs);
    }

    private static List<Output> afterAByte(double number) {
      try {
        return System.in.read() < 0 ? List.of() : List.of(Output.of(number));
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    @Override
    public void close() {
      leaked.clear();
    }
  }
}
