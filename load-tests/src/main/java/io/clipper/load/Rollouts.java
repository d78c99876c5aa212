package io.clipper.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * An application under a steady load while new versions of its model come: each warms up beside the old one, takes over, and the old one
 * drains. Nobody notices: the p99 meanwhile is at most a fifth above that of the quiet stretches between, and no answer is the default. The
 * first rollout of a node's life, for which its JVM loads and compiles what a rollout is, is told by itself.
 */
final class Rollouts implements Scenario {
  private static final double PER_SECOND = 300;
  private static final int CONNECTIONS = 64;
  private static final Duration SLO = Duration.ofMillis(100);
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration STRETCH = Duration.ofMillis(50);
  /** Between two rollouts, and before the first. */
  private static final Duration QUIET = Duration.ofSeconds(2);
  /** Around a rollout, for what is known of its times only roughly, and for the old version's process to end. */
  private static final Duration MARGIN = Duration.ofMillis(250);
  /** Between two looks at how far a rollout is. */
  private static final Duration LOOK = Duration.ofMillis(50);
  /** Beyond what any rollout here takes. */
  private static final Duration LONGEST = Duration.ofSeconds(3);
  private static final double MOST = 1.2;
  /** The one in use and the one before it run; so there is always one more to start. */
  private static final int VERSIONS = 3;
  private static final String GRAPH = "/digits/models/logistic-regression/1/model.onnx";
  private static final int PIXELS = 64;
  private static final int DOUBLES = 10;

  /** When a version was rolled out, on this process's clock. */
  private record Span(long from, long until) {
    private boolean overlaps(long stretchFrom, long stretchUntil) {
      return stretchFrom < until + MARGIN.toNanos() && from - MARGIN.toNanos() < stretchUntil;
    }

    private double seconds() {
      return (until - from) / 1e9;
    }
  }

  private final int rollouts;

  Rollouts(int measured) {
    this.rollouts = 1 + measured;
  }

  @Override
  public String name() {
    return "rollout";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    Files.writeString(folder.resolve("settings.conf"), SlowModel.SMALL_CACHES);
    Path graph = folder.resolve("model.onnx");
    try (InputStream bytes = Objects.requireNonNull(Rollouts.class.getResourceAsStream(GRAPH), GRAPH)) {
      Files.copy(bytes, graph);
    }
    try (NodeProcess node = NodeProcess.start(folder)) {
      rollOut(node, "in-process", PIXELS, report, graph.toString());
      rollOut(node, "python-worker", DOUBLES, report, Path.of("..", "model-worker", "python", "benchmarks", "noop.py") + ":predict", "--input-type", "doubles");
    }
  }

  private void rollOut(NodeProcess node, String application, int numbers, Report report, String... model) throws IOException, InterruptedException {
    Operator operator = new Operator(node);
    operator.run(words(application, model, "--app", application, "--slo", SLO.toMillis() + "ms", "--default", Served.DEFAULT_OUTPUT));
    for (int more = 1; more < VERSIONS; more++) {
      operator.run(words(application, model));
    }
    Requests requests = new Requests(numbers);
    HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post("/" + application + "/predict", requests.predict()));
    Duration turn = QUIET.plus(LONGEST);
    int stretches = (int) turn.multipliedBy(rollouts).plus(QUIET).dividedBy(STRETCH);
    // Whoever manages a node is elsewhere: a client that costs as much as a rollout would be measured with it.
    try (ExecutorService loader = Executors.newSingleThreadExecutor();
        HttpConnection admin = new HttpConnection(node.adminAddress())) {
      long start = System.nanoTime() + WARM_UP.toNanos();
      Future<List<HttpLoad.Result>> loading = loader.submit(() -> load.open(CONNECTIONS, PER_SECOND, WARM_UP, STRETCH, stretches));
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < rollouts; i++) {
        TimeUnit.NANOSECONDS.sleep(start + turn.multipliedBy(i).plus(QUIET).toNanos() - System.nanoTime());
        // In turn: of the next one nothing runs at the time.
        spans.add(rollOut(admin, application, Integer.toString(i % VERSIONS + 1)));
      }
      tell(application, loading.get(), start, spans, report);
    } catch (ExecutionException failed) {
      throw new IOException("the load could not go on", failed);
    }
  }

  private static Span rollOut(HttpConnection admin, String model, String version) throws IOException, InterruptedException {
    long from = System.nanoTime();
    admin.post("/admin/set_model_version", "{\"model_name\": \"%s\", \"model_version\": \"%s\"}".formatted(model, version));
    while (!isDone(admin.post("/admin/get_replicas", "{\"model_name\": \"%s\"}".formatted(model)).body(), version)) {
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    }
    return new Span(from, System.nanoTime());
  }

  /** Whether that version is warm and, besides it, only the one before runs, for the way back. */
  private static boolean isDone(JsonNode replicas, String version) {
    boolean warm = false;
    for (JsonNode replica : replicas) {
      warm |= replica.path("model_version").asText().equals(version) && replica.path("state").asText().equals("ready");
    }
    return warm && replicas.size() == 2;
  }

  private static String[] words(String name, String[] model, String... more) {
    List<String> words = new ArrayList<>(List.of("deploy", name));
    words.addAll(List.of(model));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private static void tell(String application, List<HttpLoad.Result> stretches, long start, List<Span> spans, Report report) {
    Histogram quiet = new Histogram(3);
    Histogram first = new Histogram(3);
    Histogram during = new Histogram(3);
    long lost = 0;
    for (int i = 0; i < stretches.size(); i++) {
      HttpLoad.Result stretch = stretches.get(i);
      long from = start + i * STRETCH.toNanos();
      Optional<Span> span = spans.stream().filter(each -> each.overlaps(from, from + STRETCH.toNanos())).findFirst();
      Histogram of = span.map(each -> each.equals(spans.getFirst()) ? first : during).orElse(quiet);
      of.add(stretch.latencies());
      lost += stretch.defaults() + stretch.failures();
    }
    lost += stretches.getLast().unanswered();
    double longest = spans.stream().mapToDouble(Span::seconds).max().orElseThrow();
    report.line("%s, between: %s".formatted(application, line(quiet)));
    report.line("%s, during the first rollout: %s".formatted(application, line(first)));
    report.line("%s, during %d more of at most %.1f s: %s".formatted(application, spans.size() - 1, longest, line(during)));
    double ratio = (double) during.getValueAtPercentile(99) / quiet.getValueAtPercentile(99);
    report.bar(ratio <= MOST, "%s: p99 during a rollout is %.2f × that between (%.1f)".formatted(application, ratio, MOST));
    report.bar(lost == 0, "%s: %d answers were the default, a failure or none (0)".formatted(application, lost));
    report.bar(longest <= LONGEST.toSeconds(), "%s: the longest rollout took %.1f s (%d)".formatted(application, longest, LONGEST.toSeconds()));
  }

  private static String line(Histogram latencies) {
    return "%,7d queries  p50 %6.2f  p99 %6.2f  p99.9 %6.2f  max %6.2f ms"
        .formatted(
            latencies.getTotalCount(),
            latencies.getValueAtPercentile(50) / 1e3,
            latencies.getValueAtPercentile(99) / 1e3,
            latencies.getValueAtPercentile(99.9) / 1e3,
            latencies.getMaxValue() / 1e3);
  }
}
