package io.clipper.node.command;

import io.clipper.Refused;
import io.clipper.node.discovery.Discovery;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code up}: a node in this process. It only reads the options. */
@Command(
    name = "up",
    description = "Starts a node; prints one line beginning with 'ready' once it has served a prediction.",
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:stopped as asked", "1:could not start, and said why", "2:wrong usage"})
public final class UpCommand implements Callable<Integer> {
  private final NodeStarter starter;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "store, artifacts and logs (default: data in Clipper's folder, data-PORT for a node that joins)")
  private Optional<Path> data = Optional.empty();

  @Option(names = "--http-port", paramLabel = "PORT", description = "queries (default: 1337; joining: the next that is free)")
  private Optional<Integer> httpPort = Optional.empty();

  @Option(names = "--admin-port", paramLabel = "PORT", description = "management (default: 1338; joining: the next that is free)")
  private Optional<Integer> adminPort = Optional.empty();

  @Option(names = "--grpc-port", paramLabel = "PORT", description = "Open Inference Protocol (default: 1339; joining: the next that is free)")
  private Optional<Integer> grpcPort = Optional.empty();

  @Option(names = "--cluster-port", paramLabel = "PORT", description = "other nodes (default: 25520; joining: the next that is free)")
  private Optional<Integer> clusterPort = Optional.empty();

  @Option(names = "--host", paramLabel = "ADDR", description = "what the ports bind to (default: ${DEFAULT-VALUE})")
  private String host = NodeOptions.LOOPBACK;

  @Option(names = "--advertise", paramLabel = "ADDR", description = "what other nodes call this one (default: the host)")
  private Optional<String> advertise = Optional.empty();

  @Option(names = "--token-file", paramLabel = "FILE", description = "the token that management asks for")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(names = "--tls", paramLabel = "DIR", description = "key and certificates of the cluster port")
  private Optional<Path> tls = Optional.empty();

  @Option(names = "--insecure", description = "off loopback without token and TLS")
  private boolean insecure;

  @Option(names = "--models", paramLabel = "DIR", description = "models to deploy at the start: NAME/VERSION/model.onnx")
  private Optional<Path> models = Optional.empty();

  @Option(names = "--config", paramLabel = "FILE", description = "HOCON settings over the defaults")
  private Optional<Path> config = Optional.empty();

  @Option(names = "--jdbc", paramLabel = "URL", description = "a shared database (default: a file under --data)")
  private Optional<String> jdbc = Optional.empty();

  @Option(names = "--join", split = ",", paramLabel = "HOST:PORT", description = "nodes of the cluster to join")
  private List<HostPort> join = List.of();

  @Option(names = "--discovery", paramLabel = "WHERE", description = "finds the nodes to join: dns:NAME[:PORT] or kubernetes:LABELS[:PORT]")
  private Optional<String> discovery = Optional.empty();

  @Option(
      names = "--roles",
      split = ",",
      paramLabel = "ROLE",
      description =
          "what this node does: gateway takes queries, application keeps state, replica runs models"
              + " (default: all three; of a node that joins without --jdbc: gateway,replica)")
  private Set<String> roles = Set.of();

  @Option(names = "--no-quickstart", description = "without the bundled application")
  private boolean noQuickstart;

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  public UpCommand(NodeStarter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() {
    // What is chosen stays this node's, also between its lives.
    try (FreePorts free = new FreePorts(host, Stream.of(httpPort, adminPort, grpcPort, clusterPort).flatMap(Optional::stream).toList())) {
      return starter.run(options(free));
    }
  }

  private NodeOptions options(FreePorts free) {
    try {
      Optional<Supplier<List<HostPort>>> search = discovery.map(this::search);
      List<HostPort> members = search.map(this::found).orElse(join);
      // A node that it joins may not be up yet: its port is free, and not this node's.
      free.leave(members.stream().filter(HostPort::isHere).map(HostPort::port).toList());
      Ports ports = members.isEmpty() ? new Ports(httpPort, adminPort, grpcPort, clusterPort) : portsToJoinWith(free);
      return new NodeOptions(
          data.orElseGet(() -> dataOfCheckout(members.isEmpty() ? "data" : "data-" + ports.cluster().orElseThrow())),
          ports.http(),
          ports.admin(),
          ports.grpc(),
          ports.cluster(),
          host,
          advertise,
          tokenFile,
          tls,
          insecure,
          models,
          config,
          jdbc,
          members,
          roles,
          !noQuickstart,
          search);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
    }
  }

  private Supplier<List<HostPort>> search(String where) {
    if (!join.isEmpty()) {
      throw new IllegalArgumentException("--join names the nodes, and --discovery finds them: give one of the two");
    }
    Discovery others = Discovery.parse(where);
    return () -> others.nodes(advertise.orElse(host)).stream().map(HostPort::parse).toList();
  }

  private List<HostPort> found(Supplier<List<HostPort>> search) {
    List<HostPort> nodes = search.get();
    if (nodes.isEmpty()) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "--discovery %s finds no other node".formatted(discovery.orElse("")));
    }
    return nodes;
  }

  /** The same folder wherever {@code ./clipper} is called from, so that a second start finds what the first one learned. */
  static Path dataOfCheckout() {
    return dataOfCheckout("data");
  }

  private static Path dataOfCheckout(String name) {
    return Path.of(System.getProperty("clipper.home", "."), name);
  }

  private Ports portsToJoinWith(FreePorts free) {
    return new Ports(
        httpPort.or(() -> Optional.of(free.from(1337))),
        adminPort.or(() -> Optional.of(free.from(1338))),
        grpcPort.or(() -> Optional.of(free.from(1339))),
        clusterPort.or(() -> Optional.of(free.from(25520))));
  }

  private record Ports(Optional<Integer> http, Optional<Integer> admin, Optional<Integer> grpc, Optional<Integer> cluster) {}
}
