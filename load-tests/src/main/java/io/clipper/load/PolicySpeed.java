package io.clipper.load;

import io.clipper.selection.Policies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Steps a second of every policy on one core, by {@link PolicySteps}; those that serve without features make a million. */
final class PolicySpeed implements Scenario {
  private static final double LEAST_STEPS = 1e6;

  private static final Set<String> BARRED =
      Set.of("single", "epsilon-greedy", "exp3", "exp3-ix", "exp4", "fixed-share", "adahedge", "thompson");

  @Override
  public String name() {
    return "policy-speed";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    for (String policy : Policies.names()) {
      double steps = stepsPerSecond(policy);
      String text = "%s: %,.2f million steps/s".formatted(policy, steps / 1e6);
      if (BARRED.contains(policy)) {
        report.bar(steps >= LEAST_STEPS, text + " (1)");
      } else {
        report.line(text);
      }
    }
  }

  private static double stepsPerSecond(String policy) throws IOException {
    try {
      RunResult result =
          new Runner(
                  new OptionsBuilder()
                      .include("\\b" + PolicySteps.class.getSimpleName() + "\\b")
                      .param("policy", policy)
                      .verbosity(VerboseMode.SILENT)
                      .shouldFailOnError(true)
                      .build())
              .runSingle();
      return result.getPrimaryResult().getScore();
    } catch (RunnerException failed) {
      throw new IOException("%s was not measured".formatted(policy), failed);
    }
  }
}
