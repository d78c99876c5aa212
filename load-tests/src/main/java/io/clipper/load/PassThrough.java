package io.clipper.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Who gathers the batches of a server that can do it itself: MLServer with a model of 2 ms a call and 0.02 ms a row, asked over HTTP by
 * connections that ask again as soon as they are answered. The node's scheduler before a server that gathers none, the server's own
 * behind {@code --pass-through}, and both in a row.
 */
final class PassThrough implements Scenario {
  private static final int CONNECTIONS = 32;
  private static final int NUMBERS = 4;
  private static final Duration COMPILING = Duration.ofSeconds(8);
  private static final Duration WARM_UP = Duration.ofSeconds(2);

  /**
   * @param model of {@link MlServer}
   * @param through whether each query goes there by itself
   */
  private record Way(String name, String model, boolean through) {}

  private static final List<Way> WAYS =
      List.of(new Way("node", "plain", false), new Way("server", "batching", true), new Way("both", "batching", false), new Way("neither", "plain", true));

  private final Duration time;

  PassThrough(Duration time) {
    this.time = time;
  }

  @Override
  public String name() {
    return "pass-through";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Path program = MlServer.installed();
    Files.writeString(folder.resolve("settings.conf"), SlowModel.SMALL_CACHES);
    double ofNode = 0;
    double ofOthers = 0;
    try (NodeProcess node = NodeProcess.start(folder)) {
      for (Way way : WAYS) {
        double right = measure(node, way, program, report);
        ofNode = way.name().equals("node") ? right : ofNode;
        ofOthers = way.name().equals("node") ? ofOthers : Math.max(ofOthers, right);
      }
    }
    report.bar(ofNode >= ofOthers, "the node's batches give %.2f × the right answers of the best other way (1)".formatted(ofNode / ofOthers));
  }

  /** Right answers a second; the only server that runs meanwhile. */
  private double measure(NodeProcess node, Way way, Path program, Report report) throws IOException {
    List<String> words = new ArrayList<>(List.of("deploy", way.name(), "--app", way.name(), "--slo", "1s", "--default", Served.DEFAULT_OUTPUT));
    words.addAll(MlServer.deployment(program, way.model()));
    if (way.through()) {
      words.add("--pass-through");
    }
    Operator operator = new Operator(node);
    operator.run(words.toArray(String[]::new));
    Requests requests = new Requests(NUMBERS);
    HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post("/" + way.name() + "/predict", requests.predict()));
    load.closed(CONNECTIONS, COMPILING, Duration.ofSeconds(1));
    HttpLoad.Result result = load.closed(CONNECTIONS, WARM_UP, time);
    report.line("%-7s gathers: %s".formatted(way.name(), result));
    operator.run("app", "delete", way.name());
    operator.run("undeploy", way.name());
    return result.answered().rightPerSecond();
  }
}
