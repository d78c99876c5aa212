package io.clipper.node.command;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What {@code up} was told.
 *
 * @param data the folder of the store, the artifacts and the logs
 * @param httpPort empty where none was given: a first node takes the usual one, a joining node the next that is free
 * @param host what the ports bind to
 * @param advertise what other nodes call this one; empty: the host
 * @param tokenFile the token that management asks for
 * @param tls a folder of key and certificates for the cluster port
 * @param insecure whether management may go without token, and the cluster without TLS, off loopback
 * @param models a repository of {@code NAME/VERSION/model.onnx} to deploy at the start
 * @param config a HOCON file that overrides the defaults
 * @param jdbc the shared database; empty: a file under {@code data}
 * @param join nodes of the cluster to join
 * @param roles empty: all; of a node that joins without a shared database those that need none
 * @param quickstart whether a node without applications gets the bundled one
 * @param discovery finds the nodes to join as they are when it is asked, which blocks and may be {@link io.clipper.Refused}; empty where they
 *     were named, or there are none
 */
public record NodeOptions(
    Path data,
    Optional<Integer> httpPort,
    Optional<Integer> adminPort,
    Optional<Integer> grpcPort,
    Optional<Integer> clusterPort,
    String host,
    Optional<String> advertise,
    Optional<Path> tokenFile,
    Optional<Path> tls,
    boolean insecure,
    Optional<Path> models,
    Optional<Path> config,
    Optional<String> jdbc,
    List<HostPort> join,
    Set<String> roles,
    boolean quickstart,
    Optional<Supplier<List<HostPort>>> discovery) {
  /** What the ports bind to unless a node is told otherwise. */
  public static final String LOOPBACK = "127.0.0.1";

  public NodeOptions {
    join = List.copyOf(join);
    roles = Set.copyOf(roles);
    checkPort("--http-port", httpPort);
    checkPort("--admin-port", adminPort);
    checkPort("--grpc-port", grpcPort);
    checkPort("--cluster-port", clusterPort);
  }

  /** The same with the nodes that are found now, where there is a discovery that finds any; throws what it throws. */
  public NodeOptions found() {
    List<HostPort> now = discovery.map(Supplier::get).orElse(List.of());
    return now.isEmpty() ? this : joining(now);
  }

  /**
   * The same for a node that was cut off. One that keeps state finds its cluster by the database; any other also tries the members that it
   * knew.
   *
   * @param members the others, each as {@code HOST:PORT}
   */
  public NodeOptions rejoining(Collection<String> members) {
    if (join.isEmpty() || jdbc.isPresent()) {
      return this;
    }
    Set<HostPort> all = new LinkedHashSet<>(join);
    members.forEach(member -> all.add(HostPort.parse(member)));
    return joining(List.copyOf(all));
  }

  private NodeOptions joining(List<HostPort> nodes) {
    return new NodeOptions(
        data, httpPort, adminPort, grpcPort, clusterPort, host, advertise, tokenFile, tls, insecure, models, config, jdbc, nodes, roles, quickstart,
        discovery);
  }

  /** 0 lets the system choose. */
  private static void checkPort(String option, Optional<Integer> port) {
    if (port.filter(number -> number < 0 || number > 65535).isPresent()) {
      throw new IllegalArgumentException("%s %d is outside 0..65535".formatted(option, port.orElseThrow()));
    }
  }
}
