package io.clipper.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.membership.NodeRoles;
import io.clipper.node.command.HostPort;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.tls.TlsFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What the command line's options mean in settings. */
final class NodeSettings {
  /** The actor system's name: nodes of one cluster have the same. */
  static final String SYSTEM = "clipper";

  private static final int CLUSTER_PORT = 25520;
  /** There where NVIDIA's driver runs, in a container too. */
  private static final Path GPU_DRIVER = Path.of("/dev/nvidiactl");

  private NodeSettings() {}

  /** Refuses what does not go together. */
  static void check(NodeOptions options) {
    Set<String> unknown = new TreeSet<>(options.roles());
    unknown.removeAll(NodeRoles.ALL);
    if (!unknown.isEmpty()) {
      throw new Refused(Reason.INVALID, "--roles: there is no role %s, but %s".formatted(unknown.iterator().next(), String.join(", ", new TreeSet<>(NodeRoles.ALL))));
    }
    boolean keepsState = roles(options).contains(NodeRoles.APPLICATION);
    if (!keepsState && options.join().isEmpty()) {
      throw new Refused(Reason.INVALID, "--roles: a node without the role application keeps no state: give --join HOST:PORT of one that does");
    }
    if (keepsState && !options.join().isEmpty() && options.jdbc().isEmpty()) {
      throw new Refused(Reason.INVALID, "--roles application: a node that joins keeps state only in the cluster's database: give its --jdbc URL");
    }
    if (!keepsState && others(options).isEmpty()) {
      throw new Refused(Reason.INVALID, "--join %s is this node itself: name another, or give --cluster-port".formatted(self(options)));
    }
    // A file that is opened by its URL has none of the settings by which a crash loses nothing.
    if (options.jdbc().filter(url -> !url.startsWith("jdbc:postgresql:")).isPresent()) {
      throw new Refused(Reason.INVALID, "--jdbc: nodes share a database at jdbc:postgresql://HOST/DATABASE?user=U&password=P; a node's own file is --data DIR");
    }
    InetAddress host = resolved(options.host());
    if (host.isAnyLocalAddress() && options.advertise().isEmpty()) {
      throw new Refused(Reason.INVALID, "--host %s is every address of this machine: say by --advertise which of them other nodes call".formatted(options.host()));
    }
  }

  /** What other nodes call this one. */
  private static HostPort self(NodeOptions options) {
    return new HostPort(options.advertise().orElse(options.host()), options.clusterPort().filter(port -> port > 0).orElse(CLUSTER_PORT));
  }

  /** The nodes to join. */
  private static List<HostPort> others(NodeOptions options) {
    return options.join().stream().filter(node -> options.clusterPort().equals(Optional.of(0)) || !node.equals(self(options))).toList();
  }

  /** All; of a node that joins without a database those that need none. */
  static Set<String> roles(NodeOptions options) {
    if (!options.roles().isEmpty()) {
      return options.roles();
    }
    return options.join().isEmpty() || options.jdbc().isPresent() ? NodeRoles.ALL : NodeRoles.STATELESS;
  }

  /** What the other nodes see of it: besides what it does, where it is, whether there is a GPU, and whether others may keep their state where it does. */
  private static Set<String> shown(NodeOptions options) {
    Set<String> shown = new TreeSet<>(roles(options));
    shown.add(NodeRoles.machine(machine(options)));
    if (Files.exists(GPU_DRIVER)) {
      shown.add(NodeRoles.GPU);
    }
    if (shown.contains(NodeRoles.APPLICATION) && options.jdbc().isPresent()) {
      shown.add(NodeRoles.SHARED_DATABASE);
    }
    return shown;
  }

  /** Its own name for itself, which outlives the addresses that nodes on it have. */
  private static String machine(NodeOptions options) {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return options.advertise().orElse(options.host());
    }
  }

  /** Tries the cluster's port and lets it go: where it is taken, Pekko's own attempt logs stack traces instead of our one line. */
  static void checkClusterPort(NodeOptions options) {
    int port = options.clusterPort().orElse(CLUSTER_PORT);
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(resolved(options.host()), port));
    } catch (IOException taken) {
      throw new Refused(Reason.CONFLICT, "port %d of %s is in use: choose another with --cluster-port".formatted(port, options.host()));
    }
  }

  /** Nobody says no to a certificate: who is not let in over TLS hears as little as where nobody is. */
  static Refused unanswered(NodeOptions options) {
    String tls = options.tls().isPresent() ? ", and whether their certificates are of the authority in --tls" : "";
    return new Refused(
        Reason.UNAVAILABLE,
        "no node of a cluster answers at %s: see %s%s".formatted(options.join(), options.discovery().isPresent() ? "--discovery" : "--join", tls));
  }

  /** Lies over everything else. */
  static Config config(NodeOptions options) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("clipper.gateway.query.host", options.host());
    settings.put("clipper.gateway.admin.host", options.host());
    options.httpPort().ifPresent(port -> settings.put("clipper.gateway.query.port", port));
    options.adminPort().ifPresent(port -> settings.put("clipper.gateway.admin.port", port));
    settings.put("clipper.gateway.grpc.host", options.host());
    options.grpcPort().ifPresent(port -> settings.put("clipper.gateway.grpc.port", port));
    settings.put("clipper.gateway.admin.insecure", options.insecure());
    options.tokenFile().ifPresent(file -> settings.put("clipper.gateway.admin.token", token(file)));
    settings.put("pekko.remote.artery.canonical.hostname", options.advertise().orElse(options.host()));
    settings.put("pekko.remote.artery.canonical.port", options.clusterPort().orElse(CLUSTER_PORT));
    settings.put("pekko.remote.artery.bind.hostname", options.host());
    settings.put("pekko.cluster.roles", List.copyOf(shown(options)));
    // A node with a database finds the members there: see EntranceActor.
    boolean keepsState = roles(options).contains(NodeRoles.APPLICATION);
    settings.put("clipper.cluster.join", keepsState ? options.join().stream().map(HostPort::toString).toList() : List.of());
    settings.put(
        "pekko.cluster.seed-nodes", keepsState ? List.of() : others(options).stream().map(node -> "pekko://%s@%s".formatted(SYSTEM, node)).toList());
    Config tls = options.tls().map(folder -> TlsFolder.at(folder).config()).orElseGet(ConfigFactory::empty);
    return ConfigFactory.parseMap(settings, "command line").withFallback(tls);
  }

  private static InetAddress resolved(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException unknown) {
      throw new Refused(Reason.INVALID, "--host %s: there is no such address".formatted(host));
    }
  }

  private static String token(Path file) {
    try {
      String token = Files.readString(file).strip();
      if (token.isEmpty()) {
        throw new Refused(Reason.INVALID, "%s is empty: see --token-file".formatted(file));
      }
      return token;
    } catch (IOException unreadable) {
      throw new Refused(Reason.INVALID, "%s cannot be read: see --token-file".formatted(file));
    }
  }
}
