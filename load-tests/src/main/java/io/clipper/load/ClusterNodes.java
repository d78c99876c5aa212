package io.clipper.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.command.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The nodes of one cluster, each in a process, with a place that is its own through all its lives: one that its cluster cut off comes back by
 * itself, where its clients look for it.
 */
final class ClusterNodes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Where a node runs.
   *
   * @param host empty: this machine's loopback
   * @param advertise what the others call it; empty: the host
   * @param launcher what its command line begins with
   */
  record Place(Optional<String> host, Optional<String> advertise, List<String> launcher, int clusterPort, int httpPort, int adminPort) {
    /** Ports of the loopback that are free, for each name. */
    static Map<String, Place> here(List<String> names) throws IOException {
      List<Integer> free = FixedPorts.free(3 * names.size());
      Map<String, Place> places = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        places.put(names.get(i), new Place(Optional.empty(), Optional.empty(), List.of(), free.get(3 * i), free.get(3 * i + 1), free.get(3 * i + 2)));
      }
      return places;
    }

    HostPort member() {
      return new HostPort(advertise.or(() -> host).orElse("127.0.0.1"), clusterPort);
    }
  }

  private final Path folder;
  private final Optional<String> jdbc;
  private final Served served;
  private final Map<String, Place> places;
  private final Map<String, NodeProcess> processes = new LinkedHashMap<>();

  /**
   * None of them runs yet.
   *
   * @param jdbc empty: the first keeps the state, and those that join keep none
   * @param places by name, that of the first first
   */
  ClusterNodes(Path folder, Optional<String> jdbc, Served served, Map<String, Place> places) {
    this.places = Collections.unmodifiableMap(new LinkedHashMap<>(places));
    this.folder = folder;
    this.jdbc = jdbc;
    this.served = served;
  }

  /** Starts a node, for the first time or again, and waits until it serves; the first of all serves the application. */
  NodeProcess start(String name) throws IOException {
    boolean first = processes.isEmpty();
    Place place = Optional.ofNullable(places.get(name)).orElseThrow();
    // Who keeps the state alone finds those that joined it in its own database; one that joins would keep none.
    boolean isAlone = jdbc.isEmpty() && places.keySet().iterator().next().equals(name);
    List<HostPort> join =
        places.keySet().stream().filter(other -> !isAlone && !other.equals(name) && processes.containsKey(other)).map(this::member).toList();
    Optional<Integer> httpPort = Optional.of(place.httpPort());
    Optional<Integer> adminPort = Optional.of(place.adminPort());
    Optional<Integer> clusterPort = Optional.of(place.clusterPort());
    ClusterWords words = new ClusterWords(place.host(), place.advertise(), httpPort, adminPort, clusterPort, jdbc, join);
    Served[] initial = first ? new Served[] {served} : new Served[0];
    NodeProcess process = NodeProcess.start(folder.resolve(name), place.launcher(), words, initial);
    processes.put(name, process);
    return process;
  }

  /** Starts all, with a copy of each model on every node, and so many clients on each. */
  void startAll(ClusterClients clients, int clientsOfEach) throws IOException, InterruptedException {
    for (String name : places.keySet()) {
      clients.isAt(name, start(name).queryAddress());
    }
    scale(names().getFirst(), names().size());
    clients.start(names(), clientsOfEach);
  }

  NodeProcess process(String name) {
    return Optional.ofNullable(processes.get(name)).orElseThrow();
  }

  /** By which the other nodes know it. */
  String address(String name) {
    return member(name).toString();
  }

  private HostPort member(String name) {
    return Optional.ofNullable(places.get(name)).orElseThrow().member();
  }

  /** Of those that were started and not killed. */
  List<String> names() {
    return List.copyOf(processes.keySet());
  }

  /** Wants so many copies of every model, and waits until they are ready. */
  void scale(String asked, int replicas) throws IOException, InterruptedException {
    try (HttpConnection admin = new HttpConnection(process(asked).adminAddress())) {
      for (int i = 1; i <= served.models().size(); i++) {
        admin.post("/admin/scale", "{\"model_name\":\"%s-model-%d\",\"replicas\":%d}".formatted(served.application(), i, replicas));
      }
      long wanted = (long) replicas * served.models().size();
      long until = System.nanoTime() + PATIENCE.toNanos();
      while (ready(admin) < wanted) {
        if (System.nanoTime() > until) {
          throw new IOException("of %d copies %d are ready".formatted(wanted, ready(admin)));
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private static long ready(HttpConnection admin) throws IOException {
    long ready = 0;
    for (JsonNode replica : admin.post("/admin/get_replicas", "{}").body()) {
      ready += replica.path("state").asText().equals("ready") ? 1 : 0;
    }
    return ready;
  }

  /** The status of every member, as that node sees it. */
  List<String> members(String asked) throws IOException {
    List<String> statuses = new ArrayList<>();
    try (HttpConnection admin = new HttpConnection(process(asked).adminAddress())) {
      admin.post("/admin/get_cluster", "{}").body().path("members").forEach(member -> statuses.add(member.path("status").asText()));
    }
    return statuses;
  }

  long observations(String asked) throws IOException {
    return state(asked).path("observations").asLong(-1);
  }

  /** What the application has learned, as that node is told. */
  JsonNode state(String asked) throws IOException {
    return state(process(asked), served.application());
  }

  static JsonNode state(NodeProcess node, String application) throws IOException {
    try (HttpConnection admin = new HttpConnection(node.adminAddress())) {
      return admin.post("/admin/get_state", "{\"app_name\":\"%s\"}".formatted(application)).body();
    }
  }

  Served served() {
    return served;
  }

  /** The one whose address is that one. */
  Optional<String> named(String address) {
    return names().stream().filter(name -> address(name).equals(address)).findFirst();
  }

  /** {@code kill -9}: it is none of them until it is started again. */
  void kill(String name) {
    process(name).kill();
    processes.remove(name);
  }

  /** The same of each: none of them has a last word. */
  void killAll() {
    names().forEach(this::kill);
  }

  /** A process that none of the cluster's nodes was, with an empty folder: all that it knows is in the database. */
  NodeProcess startFresh(String folderName) throws IOException {
    ClusterWords words =
        new ClusterWords(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), jdbc, List.of());
    return NodeProcess.start(folder.resolve(folderName), words);
  }

  @Override
  public void close() {
    processes.values().forEach(NodeProcess::close);
  }
}
