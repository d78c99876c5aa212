package io.clipper.load;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What nodes add that join: a model that sleeps 5 ms for a batch of at most eight, so that two cores can host four nodes, has one copy a
 * node, and 1.2 times what they can do is asked of all of them. Right answers within the objective count, once the nodes are warm. Over a
 * shared database, with one partition and with one for every node, and with nodes that join without a database.
 */
final class ScaleOut implements Scenario {
  /**
   * How the nodes are one.
   *
   * @param shared whether they have a database in common
   */
  private record Shape(String name, boolean shared, String partitions) {}

  private static final List<Shape> SHAPES =
      List.of(new Shape("one", true, "one"), new Shape("every-node", true, "every-node"), new Shape("stateless", false, "one"));
  private static final Duration SLO = Duration.ofMillis(50);
  private static final Duration BATCH = Duration.ofMillis(5);
  private static final int ROWS = 8;
  /** Of one node, a second. */
  private static final double CAPACITY = ROWS * 1e9 / BATCH.toNanos();

  private static final double LOAD = 1.2;
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final List<Integer> SIZES = List.of(1, 2, 4);
  private static final int NUMBERS = 10;
  private static final Duration CONNECTING = Duration.ofSeconds(1);
  private static final Duration STRETCH = Duration.ofSeconds(5);
  private static final int MOST_STRETCHES = 16;
  /** Warm: so many stretches in a row were no better than the best before them by more than this. */
  private static final double BETTER = 1.03;

  private static final int ALIKE = 4;
  /** Of a node that has just joined and is asked alone: a cold JVM wants all processors, and four at once get nowhere. */
  private static final Duration ALONE = Duration.ofSeconds(15);
  private static final Duration MEASURED = Duration.ofSeconds(10);
  private static final Duration JOINING = Duration.ofSeconds(15);
  /** A twenty-fifth of the objective: loads that look more often take from the nodes what they measure. */
  private static final Duration PAUSE = Duration.ofMillis(2);
  /** Four nodes have half a core each: a second thread would be woken and sent to sleep for each query. One node has it too, to be compared. */
  private static final String ONE_THREAD = "%npekko.actor.default-dispatcher.thread-pool-executor.fixed-pool-size = 1%n".formatted();
  /** The model is a device beside the processors: its next batch is there when one is done, however late a thread is woken. */
  private static final String PIPELINED = "%nclipper.replica.batching.in-process-depth = 2%n".formatted();
  /** To each node: they take more than wait at once. */
  private static final int STREAMS = 2;

  private final List<String> shapes;

  /** @param shapes of {@code one}, {@code every-node} and {@code stateless} */
  ScaleOut(List<String> shapes) {
    List<String> known = SHAPES.stream().map(Shape::name).toList();
    if (!known.containsAll(shapes)) {
      throw new IllegalArgumentException("shapes of scale-out are %s, not %s".formatted(known, shapes));
    }
    this.shapes = List.copyOf(shapes);
  }

  @Override
  public String name() {
    return "scale-out";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    for (Shape shape : SHAPES) {
      if (shapes.contains(shape.name())) {
        run(shape, folder.resolve(shape.name()), report);
      }
    }
  }

  private static void run(Shape shape, Path folder, Report report) throws IOException, InterruptedException {
    if (!shape.shared()) {
      run(shape, folder, Optional.empty(), report);
      return;
    }
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
      run(shape, folder, Optional.of(postgres.getJdbcUrl("postgres", "postgres")), report);
    }
  }

  private static void run(Shape shape, Path folder, Optional<String> jdbc, Report report) throws IOException, InterruptedException {
    Served served = new Served("asleep", SLO, shape.partitions(), List.of(new Served.Simulated(1, BATCH)));
    List<Double> goodput = new ArrayList<>();
    try (ClusterNodes nodes = new ClusterNodes(folder, jdbc, served, ClusterNodes.Place.here(NAMES))) {
      for (int size : SIZES) {
        while (nodes.names().size() < size) {
          join(shape, nodes, folder, report);
          load(nodes, List.of(nodes.names().getLast()), ALONE);
        }
        warmUp(shape, nodes, report);
        goodput.add(measure(shape, nodes, report));
      }
    }
    double factor = goodput.getFirst() == 0 ? 0 : goodput.getLast() / goodput.getFirst();
    report.bar(factor >= 3.8, "%s: 4 nodes do %.2f times what 1 does (3.8)".formatted(shape.name(), factor));
  }

  /** Until it has a copy of its own and answers its first query by the model. */
  private static void join(Shape shape, ClusterNodes nodes, Path folder, Report report) throws IOException, InterruptedException {
    String name = NAMES.get(nodes.names().size());
    Path data = Files.createDirectories(folder.resolve(name));
    Files.writeString(data.resolve("settings.conf"), "clipper.replica.max-batch-rows = %d%n".formatted(ROWS) + SlowModel.SMALL_CACHES + ONE_THREAD + PIPELINED);
    long began = System.nanoTime();
    NodeProcess node = nodes.start(name);
    nodes.scale(name, nodes.names().size());
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      Requests requests = new Requests();
      boolean real = false;
      while (!real && System.nanoTime() - began < 2 * JOINING.toNanos()) {
        real = !connection.post("/asleep/predict", requests.predict()).body().path("default").asBoolean(true);
      }
      double took = (System.nanoTime() - began) / 1e9;
      report.bar(
          real && took <= JOINING.toSeconds(),
          "%s: %s had a copy and answered %.1f s after its start (%d)".formatted(shape.name(), name, took, JOINING.toSeconds()));
    }
  }

  /** By the load that is measured afterwards, until it does not answer more from stretch to stretch; who answers nothing yet is not warm. */
  private static void warmUp(Shape shape, ClusterNodes nodes, Report report) {
    List<String> seen = new ArrayList<>();
    double best = 0;
    int alike = 0;
    while (alike < ALIKE && seen.size() < MOST_STRETCHES) {
      double right = right(load(nodes, nodes.names(), STRETCH));
      alike = best == 0 || right > BETTER * best ? 0 : alike + 1;
      best = Math.max(best, right);
      seen.add("%,.0f".formatted(right));
    }
    report.line(
        "%s, %d nodes: right/s in stretches of %d s until it is warm: %s".formatted(shape.name(), nodes.names().size(), STRETCH.toSeconds(), seen));
  }

  private static double measure(Shape shape, ClusterNodes nodes, Report report) throws IOException {
    Duration before = processorTime(nodes);
    Duration ownBefore = NodeProcess.processorTimeOf(ProcessHandle.current());
    List<Answered> all = load(nodes, nodes.names(), MEASURED);
    Duration used = processorTime(nodes).minus(before);
    Duration ownUsed = NodeProcess.processorTimeOf(ProcessHandle.current()).minus(ownBefore);
    double right = right(all);
    double asked = all.stream().mapToLong(Answered::all).sum() * (1 + (double) CONNECTING.toNanos() / MEASURED.toNanos());
    String of = "%s, %d nodes".formatted(shape.name(), all.size());
    all.forEach(answered -> report.line("%s: %s".formatted(of, answered)));
    report.line(
        "%s: %.0f µs of the processors a query in the nodes, %.0f µs in the load"
            .formatted(of, used.toNanos() / 1e3 / Math.max(1, asked), ownUsed.toNanos() / 1e3 / Math.max(1, asked)));
    report.line("%s: %,.0f right answers/s within the objective, of %,.0f that the models can give".formatted(of, right, all.size() * CAPACITY));
    return right;
  }

  private static double right(List<Answered> all) {
    return all.stream().mapToDouble(answered -> answered.rightPerSecond(SLO)).sum();
  }

  private static Duration processorTime(ClusterNodes nodes) throws IOException {
    Duration all = Duration.ZERO;
    for (String name : nodes.names()) {
      all = all.plus(nodes.process(name).processorTime());
    }
    return all;
  }

  /** On all of those at once. */
  private static List<Answered> load(ClusterNodes nodes, List<String> names, Duration time) {
    List<CompletableFuture<Answered>> loads =
        names.stream()
            .map(name -> CompletableFuture.supplyAsync(() -> load(nodes.process(name), time), task -> Thread.ofPlatform().start(task)))
            .toList();
    return loads.stream().map(CompletableFuture::join).toList();
  }

  private static Answered load(NodeProcess node, Duration time) {
    StreamLoad load = new StreamLoad(node.grpcAddress(), "asleep", NUMBERS, PAUSE);
    try {
      return load.open(STREAMS, LOAD * CAPACITY, CONNECTING, time);
    } catch (IOException | InterruptedException failed) {
      throw new CompletionException(failed);
    }
  }
}
