package io.clipper.load;

import io.clipper.model.ModelId;
import io.clipper.selection.Features;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.PolicySettings;
import io.clipper.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** How many steps a second one core makes with five models: select as the loop does, judge those that were asked, observe. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx512m")
public class PolicySteps {
  private static final double[] ACCURACIES = {.9, .85, .8, .7, .6};

  @Param({
    "single", "uniform", "epsilon-greedy", "ucb1", "thompson", "thompson-gaussian", "exp3", "exp3-ix", "tsallis-inf", "exp4", "adahedge",
    "fixed-share", "linucb", "lints", "square-cb"
  })
  public String policy = "single";

  private final RandomGenerator random = new SplittableRandom(2017);
  private final List<ModelId> models = new ArrayList<>();
  private final Features features = Features.of(.5, -.25, 0, 1);
  private Learner learner = Learner.start(new PolicySettings("single"));

  /** Beyond the time in which models are young. */
  @Setup
  public void learn() {
    for (int i = 0; i < ACCURACIES.length; i++) {
      models.add(new ModelId("model-" + i, "1"));
    }
    learner = Learner.start(new PolicySettings(policy)).admit(models, Map.of());
    for (int i = 0; i < 1_000; i++) {
      step();
    }
  }

  @Benchmark
  public Learner step() {
    Selection selection = learner.select(models, features, models.size(), 0, random);
    List<Observation.Judged> judged = new ArrayList<>(models.size());
    int index = 0;
    for (Selection.Choice choice : selection.asked()) {
      while (!models.get(index).equals(choice.model())) {
        index++;
      }
      double loss = random.nextDouble() < ACCURACIES[index] ? 0 : 1;
      judged.add(new Observation.Judged(choice.model(), loss, choice.probability()));
    }
    learner = learner.observe(new Observation(judged, models, Optional.of(features)));
    return learner;
  }

  /** Takes JMH's own options, such as {@code -p policy=exp3}. */
  public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
    new Runner(new OptionsBuilder().parent(new CommandLineOptions(arguments)).include(PolicySteps.class.getSimpleName()).build()).run();
  }
}
