package io.clipper.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process of its own costs: a no-op model in the node's JVM, in a worker's and in Python, each asked over HTTP by connections that
 * ask again as soon as they are answered, and the Python function called in a loop. Each has at least twice what the original Clipper had.
 */
final class Processes implements Scenario {
  private static final Duration SLO = Duration.ofMillis(100);
  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final Duration COMPILING = Duration.ofSeconds(8);
  private static final int[] DOUBLES = {10, 784};
  private static final int[] CONNECTIONS = {1, 32, 128};
  private static final Path BENCHMARKS = Path.of("..", "model-worker", "python", "benchmarks");
  private static final String IN_PROCESS = "in-process";
  private static final String JVM = "jvm-worker";
  private static final String PYTHON = "python-worker";
  private static final int BETTER = 2;

  private final Duration time;

  Processes(Duration time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "processes";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("settings.conf"), SlowModel.SMALL_CACHES);
    Served here = new Served(IN_PROCESS, SLO, List.of(Served.Simulated.fast(1)));
    Served apart = new Served(JVM, SLO, List.of(new Served.Simulated(1, Duration.ZERO, Duration.ZERO, true)));
    try (NodeProcess node = NodeProcess.start(folder, here, apart)) {
      new Operator(node)
          .run(
              "deploy", "noop", BENCHMARKS.resolve("noop.py") + ":predict", "--input-type", "doubles",
              "--app", PYTHON, "--slo", SLO.toMillis() + "ms", "--default", Served.DEFAULT_OUTPUT);
      List<String> applications = List.of(IN_PROCESS, JVM, PYTHON);
      for (String application : applications) {
        load(node, application, DOUBLES[0]).closed(CONNECTIONS[1], COMPILING, time);
      }
      for (int doubles : DOUBLES) {
        report.line("%d doubles, the Python function in a loop: %s".formatted(doubles, inALoop(folder, doubles)));
        for (String application : applications) {
          for (int connections : CONNECTIONS) {
            told(application, doubles, connections, load(node, application, doubles).closed(connections, WARM_UP, time), report);
          }
        }
      }
    }
  }

  private static HttpLoad load(NodeProcess node, String application, int doubles) {
    Requests requests = new Requests(doubles);
    return new HttpLoad(node.queryAddress(), () -> HttpLoad.post("/" + application + "/predict", requests.predict()));
  }

  private static void told(String application, int doubles, int connections, HttpLoad.Result result, Report report) {
    double right = result.answered().rightPerSecond();
    report.line("%-13s %3d doubles, %3d connections: %s".formatted(application, doubles, connections, result));
    double original = Original.best(application.equals(PYTHON), doubles, connections).orElseThrow();
    report.bar(
        right >= BETTER * original,
        "%-13s %3d doubles, %3d connections: %,.0f right/s, %.1f × the original's %,.0f (%d)"
            .formatted(application, doubles, connections, right, right / original, original, BETTER));
  }

  /** In the environment that the node has made for the model. */
  private String inALoop(Path folder, int doubles) throws IOException, InterruptedException {
    Path python;
    try (Stream<Path> environments = Files.list(folder.resolve("python"))) {
      python = environments.map(environment -> environment.resolve("bin").resolve("python")).filter(Files::isExecutable).findFirst().orElseThrow();
    }
    Process loop =
        new ProcessBuilder(python.toString(), "-B", BENCHMARKS.resolve("loop.py").toString(), Integer.toString(doubles), Long.toString(time.toSeconds()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(loop.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (loop.waitFor() != 0) {
      throw new IOException("the loop ended with %d".formatted(loop.exitValue()));
    }
    return said;
  }
}
