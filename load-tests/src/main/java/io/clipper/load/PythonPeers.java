package io.clipper.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The digits' logistic regression on a node, as its ONNX file in process and as a Python class in a worker, beside servers of Python models,
 * each of which answers query by query and then gathers batches. All are asked over HTTP by connections that ask again as soon as they are
 * answered, and all say the same of the same rows. The ONNX file gives ten times what the best of the others does, in a fifth of the time.
 */
final class PythonPeers implements Scenario {
  private static final int CONNECTIONS = 32;
  private static final int[] BATCHES = {1, 32};
  private static final int ROWS_COMPARED = 100;
  private static final Duration COMPILING = Duration.ofSeconds(12);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Path DIGITS = Path.of("..", "examples", "digits");
  private static final DigitQuestion ONNX = DigitQuestion.ofObject("/onnx/predict");
  private static final DigitQuestion PYTHON = DigitQuestion.ofObject("/python/predict");

  private final Duration time;

  PythonPeers(Duration time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "python-peers";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    List<String> rows = Files.readAllLines(DIGITS.resolve("held-out.csv")).stream().skip(1).map(row -> row.substring(row.indexOf(',') + 1)).toList();
    List<String> compared = rows.subList(0, ROWS_COMPARED);
    Path data = Files.createDirectory(folder.resolve("node"));
    Files.writeString(data.resolve("settings.conf"), SlowModel.SMALL_CACHES);
    HttpLoad.Result own;
    List<Integer> digits;
    try (NodeProcess node = NodeProcess.start(data)) {
      deploy(node, "onnx", DIGITS.resolve("models").resolve("logistic-regression").resolve("1").resolve("model.onnx").toString());
      digits = ONNX.digits(node.queryAddress(), compared);
      HttpLoad inProcess = ONNX.load(node.queryAddress(), rows);
      inProcess.closed(CONNECTIONS, COMPILING, Duration.ofSeconds(1));
      own = inProcess.closed(CONNECTIONS, WARM_UP, time);
      report.line("clipper, ONNX in process       : %s".formatted(own));

      deploy(
          node, "python", PythonPeer.FOLDER.resolve("digits.py") + ":Digits", "--input-type", "doubles",
          "--requirements", PythonPeer.FOLDER.resolve("requirements").resolve("digits.txt").toString());
      same("clipper's Python worker", PYTHON.digits(node.queryAddress(), compared), digits, report);
      HttpLoad worker = PYTHON.load(node.queryAddress(), rows);
      worker.closed(CONNECTIONS, COMPILING, Duration.ofSeconds(1));
      report.line("clipper, the class in a worker : %s".formatted(worker.closed(CONNECTIONS, WARM_UP, time)));
    }
    double mostOfPeers = 0;
    double leastOfPeers = Double.MAX_VALUE;
    for (PythonPeer peer : PythonPeer.ALL) {
      for (int batch : BATCHES) {
        try (PythonPeer.Running running = peer.start(batch, folder)) {
          same(peer.name(), peer.question().digits(running.address(), compared), digits, report);
          HttpLoad.Result result = peer.question().load(running.address(), rows).closed(CONNECTIONS, WARM_UP, time);
          report.line("%-8s batches of at most %2d    : %s".formatted(peer.name(), batch, result));
          mostOfPeers = Math.max(mostOfPeers, result.perSecond());
          leastOfPeers = Math.min(leastOfPeers, result.millis(99));
        }
      }
    }
    double right = own.answered().rightPerSecond();
    report.bar(right >= 10 * mostOfPeers, "%,.0f right/s, %.1f × the most of the others (10)".formatted(right, right / mostOfPeers));
    report.bar(
        own.millis(99) <= leastOfPeers / 5, "p99 %.2f ms, 1/%.1f of the least of the others (1/5)".formatted(own.millis(99), leastOfPeers / own.millis(99)));
  }

  private static void deploy(NodeProcess node, String name, String... words) {
    List<String> all = new ArrayList<>(List.of("deploy", name));
    all.addAll(List.of(words));
    all.addAll(List.of("--app", name, "--slo", "100ms", "--default", Served.DEFAULT_OUTPUT));
    new Operator(node).run(all.toArray(String[]::new));
  }

  private static void same(String who, List<Integer> said, List<Integer> expected, Report report) {
    report.bar(said.equals(expected), "%s says the same of %d rows".formatted(who, ROWS_COMPARED));
  }
}
