package io.clipper.load;

import io.clipper.load.ClusterClients.Sample;
import io.clipper.load.EntityRecorder.Sighting;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Three nodes in networks of their own, or with proxies between them, over a PostgreSQL that all reach. The one where the loop runs is cut
 * off from the others, both ways and then each way alone, and connected again: no entity ever lives on both sides, nobody writes after another
 * wrote, the side of one stops and joins again by itself.
 */
final class NetworkSplit implements Scenario {
  private static final Served SERVED =
      new Served("shop", Duration.ofMillis(100), List.of(Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)));
  private static final String LOOP = LiveEntities.loopOf(SERVED.application());
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final int CLIENTS = 2;
  private static final Duration LABEL_AFTER = Duration.ofSeconds(5);
  private static final Duration STEADY = Duration.ofSeconds(10);
  private static final Duration HEALED = Duration.ofSeconds(60);

  /** Whose messages are lost. */
  private enum Way {
    BOTH,
    FROM_IT,
    TO_IT
  }

  private final Duration split;
  private final boolean proxies;

  /** @param proxies whether connections are cut by a proxy also where networks of their own are permitted */
  NetworkSplit(Duration split, boolean proxies) {
    this.split = split;
    this.proxies = proxies;
  }

  @Override
  public String name() {
    return "partition";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    try (NodeNetwork networks = open(folder, report);
        EmbeddedPostgres postgres = reachable(folder.resolve("postgresql"))) {
      String jdbc = postgres.getJdbcUrl("postgres", "postgres").replace("localhost", networks.here());
      Map<String, ClusterNodes.Place> places = new LinkedHashMap<>();
      NAMES.forEach(name -> places.put(name, place(name, networks)));
      try (ClusterNodes nodes = new ClusterNodes(folder, Optional.of(jdbc), SERVED, places);
          ClusterClients clients = new ClusterClients(SERVED.application(), LABEL_AFTER.toNanos());
          EntityRecorder recorder = new EntityRecorder()) {
        nodes.startAll(clients, CLIENTS);
        NAMES.forEach(name -> recorder.watch(name, nodes.process(name)));
        try (JournalWriters writers = JournalWriters.of(postgres.getJdbcUrl("postgres", "postgres"))) {
          for (Way way : Way.values()) {
            TimeUnit.NANOSECONDS.sleep(STEADY.toNanos());
            splitOff(holder(recorder), way, networks, nodes, clients, recorder, report);
          }
          ClusterLearning.judge(nodes, clients, 95, report);
          writers.judge(report);
          report.bar(recorder.failures().isEmpty(), "nodes that could not be asked for their entities: %s".formatted(recorder.failures()));
        }
      }
    } catch (SQLException failed) {
      throw new IOException(failed);
    }
  }

  private static ClusterNodes.Place place(String name, NodeNetwork networks) {
    Optional<String> host = Optional.of(networks.address(name));
    return new ClusterNodes.Place(host, networks.advertised(name), networks.launcher(name), CuttingProxies.CLUSTER_PORT, 1337, 1338);
  }

  /** By namespaces where they are permitted, unless told otherwise. */
  private NodeNetwork open(Path folder, Report report) throws IOException {
    if (!proxies) {
      try {
        return Networks.open(NAMES);
      } catch (IOException notPermitted) {
        report.line("no networks of their own (%s): proxies cut what nodes send to each other".formatted(notPermitted.getMessage()));
      }
    }
    CuttingProxies cutting = CuttingProxies.open(NAMES);
    for (String name : NAMES) {
      Files.writeString(Files.createDirectories(folder.resolve(name)).resolve("settings.conf"), cutting.callsFrom(name));
    }
    return cutting;
  }

  private void splitOff(
      String cutOff, Way way, NodeNetwork networks, ClusterNodes nodes, ClusterClients clients, EntityRecorder recorder, Report report)
      throws IOException, InterruptedException {
    String what = "%s cut off, %s".formatted(cutOff, way);
    report.line("%s: the catalog was on %s".formatted(what, recorder.holder(LiveEntities.CATALOG).orElse("none")));
    long at = System.nanoTime();
    for (String other : NAMES) {
      if (!other.equals(cutOff)) {
        change(networks::cut, cutOff, other, way);
      }
    }
    double decidedAfter = secondsUntilDecided(nodes, cutOff, at);
    TimeUnit.NANOSECONDS.sleep(split.toNanos() - (System.nanoTime() - at));
    long healedAt = System.nanoTime();
    for (String other : NAMES) {
      if (!other.equals(cutOff)) {
        change(networks::heal, cutOff, other, way);
      }
    }
    double wholeAfter = secondsUntilWhole(nodes, healedAt);
    List<Sighting> sightings = recorder.since(at);
    double gone =
        seconds(at, sightings.stream().filter(sighting -> sighting.node().equals(cutOff) && !sighting.live().has(LOOP)).mapToLong(Sighting::until).min());
    double again =
        seconds(at, sightings.stream().filter(sighting -> !sighting.node().equals(cutOff) && sighting.live().has(LOOP)).mapToLong(Sighting::from).min());
    List<Sample> others =
        clients.samples().stream().filter(sample -> sample.at() >= at && sample.at() < healedAt && !sample.node().equals(cutOff)).toList();
    long failed = others.stream().filter(Sample::isFailure).count();
    report.bar(
        decidedAfter < split.toSeconds(), "%s: the others took it from their members after %.1f s (%d)".formatted(what, decidedAfter, split.toSeconds()));
    report.line("%s: its loop stopped after %.1f s, and ran elsewhere after %.1f s".formatted(what, gone, again));
    report.bar(gone < split.toSeconds() && again < split.toSeconds(), "%s: the sides decided within the split".formatted(what));
    EntityRecorder.judge(what, sightings, Set.of(LOOP, LiveEntities.CATALOG), report);
    report.bar(!others.isEmpty() && failed == 0, "%s: failed at the others: %d of %,d (0)".formatted(what, failed, others.size()));
    report.bar(wholeAfter <= HEALED.toSeconds(), "%s: whole again %.1f s after it was healed (%d)".formatted(what, wholeAfter, HEALED.toSeconds()));
  }

  private interface Change {
    void between(String from, String to) throws IOException, InterruptedException;
  }

  private static void change(Change change, String it, String other, Way way) throws IOException, InterruptedException {
    if (way != Way.TO_IT) {
      change.between(it, other);
    }
    if (way != Way.FROM_IT) {
      change.between(other, it);
    }
  }

  private static double seconds(long from, OptionalLong until) {
    return until.isPresent() ? (until.getAsLong() - from) / 1e9 : Double.POSITIVE_INFINITY;
  }

  private static String holder(EntityRecorder recorder) throws IOException {
    return recorder.holder(LOOP).orElseThrow(() -> new IOException("the loop runs nowhere"));
  }

  /** The decision about the split: a side has it when it has no more members than there are on it. */
  private double secondsUntilDecided(ClusterNodes nodes, String cutOff, long from) throws IOException, InterruptedException {
    String other = NAMES.stream().filter(name -> !name.equals(cutOff)).findFirst().orElseThrow();
    while (System.nanoTime() - from < split.toNanos()) {
      if (nodes.members(other).size() < NAMES.size()) {
        return (System.nanoTime() - from) / 1e9;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return Double.POSITIVE_INFINITY;
  }

  private static double secondsUntilWhole(ClusterNodes nodes, long from) throws InterruptedException {
    while (System.nanoTime() - from < 2 * HEALED.toNanos()) {
      if (isWhole(nodes)) {
        return (System.nanoTime() - from) / 1e9;
      }
      TimeUnit.MILLISECONDS.sleep(500);
    }
    return Double.POSITIVE_INFINITY;
  }

  private static boolean isWhole(ClusterNodes nodes) {
    try {
      for (String name : NAMES) {
        if (!nodes.members(name).equals(List.of("Up", "Up", "Up"))) {
          return false;
        }
      }
      return true;
    } catch (IOException between) {
      return false; // a node between two lives
    }
  }

  /** A server for all networks, which asks nobody who they are. */
  private static EmbeddedPostgres reachable(Path data) throws IOException {
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder().setDataDirectory(data).setCleanDataDirectory(false).setServerConfig("listen_addresses", "*").start();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      Files.writeString(data.resolve("pg_hba.conf"), "host all all 10.77.0.0/24 trust%n".formatted(), StandardOpenOption.APPEND);
      statement.execute("SELECT pg_reload_conf()");
      return postgres;
    } catch (IOException | SQLException failed) {
      postgres.close();
      throw new IOException(failed);
    }
  }
}
