package io.clipper.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What a query of 784 doubles costs to write and to read, by {@link WireCost}: at most three copies of its memory and 2 µs. */
final class WireSpeed implements Scenario {
  private static final double COPIES = 3;
  private static final double MORE_MICROS = 2;

  @Override
  public String name() {
    return "wire-cost";
  }

  @Override
  public void run(Path folder, Report report) throws IOException {
    Map<String, Double> micros = micros();
    double ours = of(micros, "ours");
    double copy = of(micros, "memoryCopy");
    double most = COPIES * copy + MORE_MICROS;
    report.line("a copy of the memory: %.2f µs".formatted(copy));
    report.line("Jackson's CBOR of the numbers alone: %.2f µs".formatted(of(micros, "jacksonOfTheNumbersAlone")));
    report.bar(ours <= most, "written and read: %.2f µs (%.0f copies and %.0f µs: %.2f)".formatted(ours, COPIES, MORE_MICROS, most));
  }

  private static double of(Map<String, Double> micros, String benchmark) throws IOException {
    return Optional.ofNullable(micros.get(benchmark)).orElseThrow(() -> new IOException("%s was not measured".formatted(benchmark)));
  }

  private static Map<String, Double> micros() throws IOException {
    Map<String, Double> micros = new TreeMap<>();
    try {
      for (RunResult result :
          new Runner(
                  new OptionsBuilder()
                      .include("\\b" + WireCost.class.getSimpleName() + "\\b")
                      .verbosity(VerboseMode.SILENT)
                      .shouldFailOnError(true)
                      .build())
              .run()) {
        micros.put(result.getPrimaryResult().getLabel(), result.getPrimaryResult().getScore());
      }
      return micros;
    } catch (RunnerException failed) {
      throw new IOException("the wire's cost was not measured", failed);
    }
  }
}
