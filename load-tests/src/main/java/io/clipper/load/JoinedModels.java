package io.clipper.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A node with an empty folder joins one that serves an ONNX file and a Python function: it fetches both, makes the environment for the
 * Python, and serves them. Then the node that they came from is killed, and it serves them still.
 */
final class JoinedModels implements Scenario {
  private static final Path GRAPH = Path.of("..", "examples", "digits", "models", "logistic-regression", "1", "model.onnx");
  private static final Path FUNCTION = Path.of("..", "model-worker", "python", "benchmarks", "noop.py");
  private static final int PIXELS = 64;
  private static final List<String> NAMES = List.of("source", "joined");
  /** Of the applications, and of the one model of each. */
  private static final List<String> SERVED = List.of("by-onnx", "by-python");

  private static final String SLO = "100ms";
  /** Of the application that the nodes start with, which has no model and is not asked. */
  private static final Duration UNASKED = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration WATCHED = Duration.ofSeconds(30);
  private static final Duration BESIDE = Duration.ofSeconds(10);
  /** Of the answers: the loops start elsewhere, and a worker's first batches are slow. */
  private static final double MOST_DEFAULTS = 0.01;

  private static final long PAUSE_MILLIS = 20;

  @Override
  public String name() {
    return "joined-models";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Served none = new Served("none", UNASKED, List.of());
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
        ClusterNodes nodes = new ClusterNodes(folder, Optional.of(postgres.getJdbcUrl("postgres", "postgres")), none, ClusterNodes.Place.here(NAMES))) {
      NodeProcess source = nodes.start("source");
      Operator operator = new Operator(source);
      operator.run("deploy", SERVED.get(0), GRAPH.toString(), "--app", SERVED.get(0), "--slo", SLO, "--default", Served.DEFAULT_OUTPUT);
      operator.run(
          "deploy", SERVED.get(1), FUNCTION + ":predict", "--input-type", "doubles", "--app", SERVED.get(1), "--slo", SLO, "--default", Served.DEFAULT_OUTPUT);
      long began = System.nanoTime();
      NodeProcess joined = nodes.start("joined");
      for (String model : SERVED) {
        operator.run("scale", model, "2");
      }
      boolean has = awaitCopies(joined, nodes.address("joined"));
      report.bar(has, "a node with an empty folder has a copy of each %.1f s after its start".formatted((System.nanoTime() - began) / 1e9));
      judge("beside its source", joined, BESIDE, report);
      source.kill();
      judge("with its source killed", joined, WATCHED, report);
    }
  }

  /** Of both models on the node of that address, by what it says itself. */
  private static boolean awaitCopies(NodeProcess joined, String address) throws IOException, InterruptedException {
    Set<String> ready = new TreeSet<>();
    long until = System.nanoTime() + PATIENCE.toNanos();
    try (HttpConnection admin = new HttpConnection(joined.adminAddress())) {
      while (!ready.containsAll(SERVED) && System.nanoTime() < until) {
        ready.clear();
        for (JsonNode replica : admin.post("/admin/get_replicas", "{}").body()) {
          if (replica.path("node").asText().equals(address) && replica.path("state").asText().equals("ready")) {
            ready.add(replica.path("model_name").asText());
          }
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
    return ready.containsAll(SERVED);
  }

  private static void judge(String when, NodeProcess node, Duration watched, Report report) throws IOException, InterruptedException {
    long began = System.nanoTime();
    Map<String, Integer> asked = new LinkedHashMap<>();
    Map<String, Integer> defaults = new LinkedHashMap<>();
    Map<String, Integer> failed = new LinkedHashMap<>();
    Map<String, Double> lastDefault = new LinkedHashMap<>();
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      long until = began + watched.toNanos();
      for (int number = 1; System.nanoTime() < until; number++) {
        for (String application : SERVED) {
          HttpConnection.Answer answer = connection.post("/%s/predict".formatted(application), input(number));
          asked.merge(application, 1, Integer::sum);
          if (!answer.isOk()) {
            failed.merge(application, 1, Integer::sum);
          } else if (answer.body().path("default").asBoolean(true)) {
            defaults.merge(application, 1, Integer::sum);
            lastDefault.put(application, (System.nanoTime() - began) / 1e9);
          }
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    }
    for (String application : SERVED) {
      int all = asked.getOrDefault(application, 0);
      int without = defaults.getOrDefault(application, 0);
      int broken = failed.getOrDefault(application, 0);
      report.bar(broken == 0, "%s, %s: %d failed of %,d (0)".formatted(when, application, broken, all));
      report.bar(
          all > 0 && without <= MOST_DEFAULTS * all,
          "%s, %s: %d defaults of %,d (1 %%), the last after %.1f s".formatted(when, application, without, all, lastDefault.getOrDefault(application, 0.0)));
    }
  }

  /** No two alike: nothing is to come from a cache. */
  private static String input(int number) {
    return "{\"input\":[%d%s]}".formatted(number, String.join("", Collections.nCopies(PIXELS - 1, ",0.5")));
  }
}
