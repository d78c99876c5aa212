package io.clipper.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.ModelVersion;
import io.clipper.membership.NodeRoles;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.node.client.NodeAddress;
import io.clipper.node.client.NodeClient;
import io.clipper.node.command.ClipperCommand;
import io.clipper.node.command.HostPort;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.terminal.Terminal;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.typed.Cluster;

/** Real nodes for tests, on ports that are free. */
public final class TestNodes {
  private TestNodes() {}

  public static ClipperNode start(Path data) {
    return ClipperNode.start(options(data, 0, 0));
  }

  static NodeOptions options(Path data, int httpPort, int clusterPort) {
    return options(data, httpPort, clusterPort, true);
  }

  static NodeOptions options(Path data, int httpPort, int clusterPort, boolean quickstart) {
    return options(data, httpPort, clusterPort, Optional.empty(), Optional.empty(), List.of(), Set.of(), quickstart);
  }

  /** With settings of its own, on free ports. */
  static NodeOptions options(Path data, Path settings) {
    return options(data, 0, 0, Optional.of(settings), Optional.empty(), List.of(), Set.of(), false);
  }

  private static NodeOptions options(
      Path data,
      int httpPort,
      int clusterPort,
      Optional<Path> config,
      Optional<String> jdbc,
      List<HostPort> join,
      Set<String> roles,
      boolean quickstart) {
    return new NodeOptions(
        data,
        Optional.of(httpPort),
        Optional.of(0),
        Optional.of(0),
        Optional.of(clusterPort),
        "127.0.0.1",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        config,
        jdbc,
        join,
        roles,
        quickstart,
        Optional.empty());
  }

  /** Without a database, on free ports. */
  static NodeOptions joining(Path data, HostPort... members) {
    return joining(data, 0, 0, members);
  }

  /** Without a database. */
  static NodeOptions joining(Path data, int httpPort, int clusterPort, HostPort... members) {
    return options(data, httpPort, clusterPort, Optional.empty(), Optional.empty(), List.of(members), Set.of(), false);
  }

  /** Without a database, with settings of its own. */
  static NodeOptions joining(Path data, Path settings, int httpPort, int clusterPort, HostPort... members) {
    return options(data, httpPort, clusterPort, Optional.of(settings), Optional.empty(), List.of(members), Set.of(), false);
  }

  /** Without a database, on free ports. */
  static NodeOptions finding(Path data, int adminPort, Supplier<List<HostPort>> members) {
    NodeOptions joining = joining(data, members.get().toArray(HostPort[]::new));
    return new NodeOptions(
        joining.data(),
        joining.httpPort(),
        Optional.of(adminPort),
        joining.grpcPort(),
        joining.clusterPort(),
        joining.host(),
        joining.advertise(),
        joining.tokenFile(),
        joining.tls(),
        joining.insecure(),
        joining.models(),
        joining.config(),
        joining.jdbc(),
        joining.join(),
        joining.roles(),
        joining.quickstart(),
        Optional.of(members));
  }

  /** Without a database and ports for clients. */
  static NodeOptions ofReplicas(Path data, int httpPort, HostPort... members) {
    return options(data, httpPort, 0, Optional.empty(), Optional.empty(), List.of(members), Set.of(NodeRoles.REPLICA), false);
  }

  /** With the database of that URL, on free ports. */
  static NodeOptions over(String jdbc, Path data, Path settings, List<HostPort> members) {
    return options(data, 0, 0, Optional.of(settings), Optional.of(jdbc), members, Set.of(), true);
  }

  static HostPort place(ClipperNode node) {
    Address address = Cluster.get(node.system()).selfMember().address();
    return new HostPort("127.0.0.1", address.getPort().orElseThrow());
  }

  /** What {@code /health/ready} says. */
  static String ready(ClipperNode node) {
    return text(node, "/health/ready");
  }

  /** What {@code status} says of where the state is. */
  static String shape(ClipperNode node) {
    try (NodeClient client = new NodeClient(new NodeAddress(uri(node.adminAddress()), uri(node.adminAddress()), Optional.empty()))) {
      return client.admin("get_cluster", NodeClient.request()).path("shape").asText();
    }
  }

  /** A first version with bytes of its own, stored and named through that node, and run by none; what comes back is their SHA-256. */
  static String deployWithAnArtifact(ClipperNode node, String model) {
    String artifact = node.serving().artifacts().store(model.getBytes(StandardCharsets.UTF_8));
    ModelVersion version =
        ModelVersion.of(
            new ModelId(model, "1"), InputType.DOUBLES.signature(), new RuntimeSpec.PlugIn(FaultyModel.KIND, Map.of()), Optional.of(artifact));
    node.serving()
        .applications()
        .change(new CatalogChange.Deploy(version, Optional.of(0), Optional.empty()))
        .toCompletableFuture()
        .orTimeout(90, SECONDS)
        .join();
    return artifact;
  }

  static String metrics(ClipperNode node) {
    return text(node, "/metrics");
  }

  /** A model's, as the node sees them. */
  static List<ReplicaStatus> copies(ClipperNode node, String model) throws Exception {
    List<ReplicaStatus> all = node.serving().replicas().statuses().toCompletableFuture().get(10, SECONDS);
    return all.stream().filter(copy -> copy.model().name().equals(model)).toList();
  }

  /** The rows that wait for these copies; -1 where one of them has not said it in time: it has no limit then, and no number. */
  static int queued(List<ReplicaStatus> copies) {
    return copies.stream().allMatch(copy -> copy.batchLimit() > 0) ? copies.stream().mapToInt(ReplicaStatus::queued).sum() : -1;
  }

  /** The processes that live, of those that a node lists in its folder. */
  static List<ProcessHandle> workers(Path data) throws IOException {
    return Files.readAllLines(data.resolve("workers")).stream()
        .flatMap(line -> ProcessHandle.of(Long.parseLong(line.substring(0, line.indexOf(' ')))).stream())
        .toList();
  }

  static void signal(String name, ProcessHandle process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  /** What {@code clipper status} prints. */
  static String status(ClipperNode node) {
    StringWriter out = new StringWriter();
    int exit =
        ClipperCommand.line(new Terminal(new PrintWriter(out, true), new PrintWriter(out, true), false))
            .execute("status", "--admin", uri(node.adminAddress()).toString(), "--query", uri(node.queryAddress()).toString());
    assertThat(exit).as("%s", out).isZero();
    return out.toString();
  }

  private static String text(ClipperNode node, String path) {
    return text(uri(node.adminAddress()).resolve(path));
  }

  static String text(URI uri) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  public static NodeClient client(ClipperNode node) {
    return new NodeClient(new NodeAddress(uri(node.adminAddress()), uri(node.queryAddress()), Optional.empty()));
  }

  /**
   * A port that is free, for who has to know it before a node opens it. It lies below those that systems give to whoever asks for any, or
   * connects somewhere: none of the tests beside this one is given it meanwhile.
   */
  static int unused() {
    int port = ThreadLocalRandom.current().nextInt(21_000, 32_000);
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException taken) {
      return unused();
    }
  }

  private static URI uri(InetSocketAddress address) {
    return URI.create("http://127.0.0.1:" + address.getPort());
  }
}
