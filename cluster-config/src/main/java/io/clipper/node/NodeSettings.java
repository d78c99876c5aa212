package io.clipper.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.node.command.NodeOptions;
import io.clipper.node.tls.TlsFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the command line's options mean in settings. */
final class NodeSettings {
  private static final String CLUSTER_HOST = "127.0.0.1";
  private static final int CLUSTER_PORT = 25520;

  private NodeSettings() {}

  /** Refuses what a single node cannot do. */
  static void check(NodeOptions options) {
    if (!options.join().isEmpty()) {
      throw new Refused(Reason.INVALID, "--join: this version serves from one node; joining a cluster is not there yet");
    }
  }

  /** Tries the cluster's port and lets it go: where it is taken, Pekko's own attempt logs stack traces instead of our one line. */
  static void checkClusterPort(NodeOptions options) {
    int port = options.clusterPort().orElse(CLUSTER_PORT);
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException taken) {
      throw new Refused(Reason.CONFLICT, "port %d of %s is in use: choose another with --cluster-port".formatted(port, CLUSTER_HOST));
    }
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
    settings.put("pekko.remote.artery.canonical.hostname", CLUSTER_HOST);
    settings.put("pekko.remote.artery.canonical.port", options.clusterPort().orElse(CLUSTER_PORT));
    Config tls = options.tls().map(folder -> TlsFolder.at(folder).config()).orElseGet(ConfigFactory::empty);
    return ConfigFactory.parseMap(settings, "command line").withFallback(tls);
  }

  /** What the node's store makes of a cluster. */
  static String shape(NodeOptions options) {
    return options.jdbc().isPresent() ? "shared database" : "one state node";
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
