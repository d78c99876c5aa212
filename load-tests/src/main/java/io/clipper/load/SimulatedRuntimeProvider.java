package io.clipper.load;

import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Models of known cost, of kind {@code simulated}: every row is answered by one constant, after {@code fixed-micros} a batch and
 * {@code row-micros} a row. With neither the model is a no-op. A share of the batches, {@code straggling}, takes {@code straggler-micros}.
 * With {@code outputs} it is a no-op of one tensor, and answers with so many floats.
 */
public final class SimulatedRuntimeProvider implements RuntimeProvider {
  public static final String KIND = "simulated";

  @Override
  public String kind() {
    return KIND;
  }

  /** How such a model is written down in the catalog. */
  public static RuntimeSpec spec(double output, long fixedMicros, long rowMicros) {
    return new RuntimeSpec.PlugIn(
        KIND, Map.of("output", Double.toString(output), "fixed-micros", Long.toString(fixedMicros), "row-micros", Long.toString(rowMicros)));
  }

  /** One of which that share of calls is late. */
  static RuntimeSpec stragglingSpec(double output, long fixedMicros, double share, Duration straggler) {
    return new RuntimeSpec.PlugIn(
        KIND,
        Map.of(
            "output",
            Double.toString(output),
            "fixed-micros",
            Long.toString(fixedMicros),
            "straggling",
            Double.toString(share),
            "straggler-micros",
            Long.toString(straggler.toNanos() / 1000)));
  }

  /** A no-op of one tensor that answers with so many floats. */
  static RuntimeSpec tensors(Datatype datatype, String extents, int outputs) {
    return new RuntimeSpec.PlugIn(KIND, Map.of("datatype", datatype.name(), "extents", extents, "outputs", Integer.toString(outputs)));
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    if (!(spec instanceof RuntimeSpec.PlugIn plugIn)) {
      throw new ModelLoadException("a simulated model is described by a plug-in, not by " + spec);
    }
    Map<String, String> options = plugIn.options();
    if (options.containsKey("outputs")) {
      Datatype datatype = Datatype.valueOf(options.getOrDefault("datatype", "FP32"));
      Signature signature = ServedTensors.signature(datatype, ServedTensors.extents(options.getOrDefault("extents", "1")));
      return new Simulated(signature, Output.of(Tensor.ofFloats(new float[Integer.parseInt(options.getOrDefault("outputs", "1"))])), 0, 0, 0, 0);
    }
    return new Simulated(
        InputType.DOUBLES.signature(),
        Output.of(Double.parseDouble(options.getOrDefault("output", "1"))),
        Long.parseLong(options.getOrDefault("fixed-micros", "0")),
        Long.parseLong(options.getOrDefault("row-micros", "0")),
        Double.parseDouble(options.getOrDefault("straggling", "0")),
        Long.parseLong(options.getOrDefault("straggler-micros", "0")));
  }

  private static final class Simulated implements ModelRuntime {
    private final Signature signature;
    private final Output output;
    private final long fixedMicros;
    private final long rowMicros;
    private final double straggling;
    private final long stragglerMicros;
    /** Where it is given several batches at once it does one after the other. */
    private final AtomicLong busyUntil = new AtomicLong(System.nanoTime());

    Simulated(Signature signature, Output output, long fixedMicros, long rowMicros, double straggling, long stragglerMicros) {
      this.signature = signature;
      this.output = output;
      this.fixedMicros = fixedMicros;
      this.rowMicros = rowMicros;
      this.straggling = straggling;
      this.stragglerMicros = stragglerMicros;
    }

    @Override
    public Signature signature() {
      return signature;
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      List<Output> outputs = Collections.nCopies(batch.size(), output);
      boolean straggles = straggling > 0 && ThreadLocalRandom.current().nextDouble() < straggling;
      long micros = straggles ? stragglerMicros : fixedMicros + rowMicros * batch.size();
      if (micros == 0) {
        return CompletableFuture.completedFuture(outputs);
      }
      long nanos = TimeUnit.MICROSECONDS.toNanos(micros);
      long now = System.nanoTime();
      long done = busyUntil.accumulateAndGet(now, (busy, asked) -> Math.max(busy, asked) + nanos);
      return CompletableFuture.supplyAsync(() -> outputs, CompletableFuture.delayedExecutor(done - now, TimeUnit.NANOSECONDS, Runnable::run));
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }
}
