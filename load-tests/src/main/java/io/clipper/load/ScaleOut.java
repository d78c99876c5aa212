package io.clipper.load;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * node, and 1.2 times what they can do is asked of all of them. Right answers within the objective count. Once over a shared database, once
 * with nodes that join without one.
 */
final class ScaleOut implements Scenario {
  private static final Duration SLO = Duration.ofMillis(50);
  private static final Duration BATCH = Duration.ofMillis(5);
  private static final int ROWS = 8;
  /** Of one node, a second. */
  private static final double CAPACITY = ROWS * 1e9 / BATCH.toNanos();

  private static final double LOAD = 1.2;
  private static final Served SERVED = new Served("asleep", SLO, List.of(new Served.Simulated(1, BATCH)));
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final List<Integer> SIZES = List.of(1, 2, 4);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration MEASURED = Duration.ofSeconds(10);
  private static final Duration JOINING = Duration.ofSeconds(15);
  /** Of each node: more than wait at once, or requests would wait for a connection. */
  private static final int CONNECTIONS = 128;

  @Override
  public String name() {
    return "scale-out";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
      run("shared database", folder.resolve("shared"), Optional.of(postgres.getJdbcUrl("postgres", "postgres")), report);
    }
    run("stateless nodes", folder.resolve("stateless"), Optional.empty(), report);
  }

  private static void run(String shape, Path folder, Optional<String> jdbc, Report report) throws IOException, InterruptedException {
    List<Double> goodput = new ArrayList<>();
    try (ClusterNodes nodes = new ClusterNodes(folder, jdbc, SERVED, ClusterNodes.Place.here(NAMES))) {
      for (int size : SIZES) {
        while (nodes.names().size() < size) {
          join(shape, nodes, folder, report);
        }
        nodes.scale(nodes.names().getFirst(), size);
        goodput.add(measure(shape, nodes, report));
      }
    }
    double factor = goodput.getFirst() == 0 ? 0 : goodput.getLast() / goodput.getFirst();
    report.bar(factor >= 3.8, "%s: 4 nodes do %.2f times what 1 does (3.8)".formatted(shape, factor));
  }

  /** Until it answers its first query by the model. */
  private static void join(String shape, ClusterNodes nodes, Path folder, Report report) throws IOException {
    String name = NAMES.get(nodes.names().size());
    Path data = Files.createDirectories(folder.resolve(name));
    Files.writeString(data.resolve("settings.conf"), "clipper.replica.max-batch-rows = %d%n".formatted(ROWS) + SlowModel.SMALL_CACHES);
    long began = System.nanoTime();
    NodeProcess node = nodes.start(name);
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      Requests requests = new Requests();
      boolean real = false;
      while (!real && System.nanoTime() - began < JOINING.toNanos()) {
        real = !connection.post("/%s/predict".formatted(SERVED.application()), requests.predict()).body().path("default").asBoolean(true);
      }
      double took = (System.nanoTime() - began) / 1e9;
      report.bar(real && took <= JOINING.toSeconds(), "%s: %s answered its first query %.1f s after its start (%d)".formatted(shape, name, took, JOINING.toSeconds()));
    }
  }

  private static double measure(String shape, ClusterNodes nodes, Report report) {
    Requests requests = new Requests();
    List<CompletableFuture<Answered>> loads =
        nodes.names().stream()
            .map(name -> CompletableFuture.supplyAsync(() -> load(nodes.process(name), requests), task -> Thread.ofPlatform().start(task)))
            .toList();
    List<Answered> all = loads.stream().map(CompletableFuture::join).toList();
    double right = all.stream().mapToDouble(answered -> answered.rightPerSecond(SLO)).sum();
    all.forEach(answered -> report.line("%s, %d nodes: %s".formatted(shape, all.size(), answered)));
    report.line("%s, %d nodes: %,.0f right answers/s within the objective, of %,.0f that the models can give".formatted(shape, all.size(), right, all.size() * CAPACITY));
    return right;
  }

  private static Answered load(NodeProcess node, Requests requests) {
    HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post("/%s/predict".formatted(SERVED.application()), requests.predict()));
    try {
      return load.open(CONNECTIONS, LOAD * CAPACITY, WARM_UP, MEASURED).answered();
    } catch (IOException failed) {
      throw new CompletionException(new UncheckedIOException(failed));
    }
  }
}
