package io.clipper.load;

import io.clipper.load.experiment.CoverageUnderShift;
import io.clipper.load.experiment.FailingModels;
import io.clipper.load.experiment.FailureRecovery;
import io.clipper.load.experiment.Personalisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs the scenarios named, separated by commas, or all; ends with 1 where a bar was missed, with 2 for a name that is none. */
public final class Scenarios {
  private static final long SEED = 2017;

  /** {@code h2}, {@code postgresql} or a URL. */
  private static final List<String> DATABASES = List.of(System.getProperty("databases", "h2,postgresql").split(",", -1));

  private Scenarios() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<Scenario> all = all();
    Set<String> wanted = Arrays.stream(arguments).flatMap(argument -> Arrays.stream(argument.split(",", -1))).collect(Collectors.toSet());
    Set<String> known = all.stream().map(Scenario::name).collect(Collectors.toSet());
    boolean everyOne = wanted.isEmpty() || wanted.equals(Set.of("all"));
    if (!everyOne && !known.containsAll(wanted)) {
      System.err.println("scenarios are " + String.join(", ", known));
      System.exit(2);
    }
    boolean holds = true;
    for (Scenario scenario : all) {
      if (everyOne || wanted.contains(scenario.name())) {
        System.out.println(scenario.name());
        holds &= run(scenario);
      }
    }
    System.exit(holds ? 0 : 1);
  }

  private static List<Scenario> all() {
    return List.of(
        new KillNine(Integer.getInteger("kills", 50), 8, Duration.ofMillis(300), Duration.ofMillis(2500), Long.getLong("seed", SEED)),
        new StoreHeld(Duration.ofMillis(50), Duration.ofSeconds(10), 300, true),
        new SlowModel(Duration.ofSeconds(Integer.getInteger("seconds", 60)), 300),
        new FeedbackCost(DATABASES.getFirst(), 5, Duration.ofSeconds(6), 500),
        new FeedbackRate(DATABASES, 5, 5, Duration.ofSeconds(4)),
        new Batching(Duration.ofSeconds(Integer.getInteger("batching-seconds", 4))),
        new Overload(),
        new Stragglers(Duration.ofSeconds(Integer.getInteger("straggler-seconds", 20))),
        new Objective(),
        new Inferences(Duration.ofSeconds(Integer.getInteger("inference-seconds", 4))),
        new Processes(Duration.ofSeconds(Integer.getInteger("process-seconds", 4))),
        new PassThrough(Duration.ofSeconds(Integer.getInteger("pass-through-seconds", 10))),
        new PythonPeers(Duration.ofSeconds(Integer.getInteger("peer-seconds", 8))),
        new Rollouts(Integer.getInteger("rollouts", 20)),
        new Measured(new FailureRecovery(Integer.getInteger("recovery-queries", 20_000))),
        new Measured(new FailingModels(Integer.getInteger("failing-queries", 2_000))),
        new Measured(new CoverageUnderShift(Integer.getInteger("certainty-labels", 12_000))),
        new Measured(new Personalisation(Integer.getInteger("users", 25))),
        new Contexts(Integer.getInteger("contexts", 1_000_000)),
        new ContextFaults(Integer.getInteger("contexts", 1_000_000)),
        new PolicySpeed(),
        new WireSpeed(),
        Boolean.getBoolean("brief-faults") ? ClusterFaults.brief() : ClusterFaults.all(),
        new StateNode(),
        new NetworkSplit(Duration.ofSeconds(Integer.getInteger("split-seconds", 60)), Boolean.getBoolean("split-by-proxy")),
        new RollingChange(),
        new ScaleOut(List.of(System.getProperty("scale-out", "one,every-node,stateless").split(",", -1))),
        new JoinedModels(),
        new WireEcho(Integer.getInteger("echo-rounds", 5)),
        new DatabaseOutage(Duration.ofSeconds(Integer.getInteger("outage-seconds", 60))),
        new Idle(Duration.ofSeconds(30)));
  }

  private static boolean run(Scenario scenario) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("clipper-" + scenario.name());
    try {
      Report report = new Report(System.out, true);
      scenario.run(folder, report);
      return report.holds();
    } finally {
      NodeProcess.deleteTree(folder);
    }
  }
}
