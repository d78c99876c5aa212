package io.clipper.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.typesafe.config.ConfigFactory;
import io.clipper.model.Input;
import io.clipper.replica.ModelReplicaActor;
import io.clipper.wire.WireSerializer;
import java.io.IOException;
import java.io.NotSerializableException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** What a query of 784 doubles costs on its way between nodes: to write it and to read it, beside a copy of its memory and Jackson's CBOR. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx512m")
public class WireCost {
  private static final int DOUBLES = 784;

  private final double[] numbers = new SplittableRandom(2017).doubles(DOUBLES).toArray();
  private final ObjectMapper cbor = new CBORMapper();
  private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "wire", ConfigFactory.load());
  private final WireSerializer wire = WireSerializer.of(system);
  private final ModelReplicaActor.Predict query =
      new ModelReplicaActor.Predict(7, Input.doubles(numbers), System.nanoTime() + Duration.ofHours(1).toNanos(), system.ignoreRef());
  private byte[] block = new byte[DOUBLES * Double.BYTES];

  @Setup
  public void check() throws NotSerializableException {
    if (!(wire.fromBinary(wire.toBinary(query), wire.manifest(query)) instanceof ModelReplicaActor.Predict read) || !read.input().equals(query.input())) {
      throw new IllegalStateException("the query does not come back as it was");
    }
  }

  @TearDown
  public void end() {
    system.terminate();
  }

  @Benchmark
  public Object ours() throws NotSerializableException {
    return wire.fromBinary(wire.toBinary(query), wire.manifest(query));
  }

  @Benchmark
  public byte[] memoryCopy() {
    block = block.clone();
    return block;
  }

  @Benchmark
  public double[] jacksonOfTheNumbersAlone() throws IOException {
    return cbor.readValue(cbor.writeValueAsBytes(numbers), double[].class);
  }

  /** Takes JMH's own options. */
  public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
    new Runner(new OptionsBuilder().parent(new CommandLineOptions(arguments)).include(WireCost.class.getSimpleName()).build()).run();
  }
}
