package io.clipper.load;

import io.clipper.node.command.HostPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node process is told of its cluster, and the words of its command line for that.
 *
 * @param host empty: this machine's loopback
 * @param advertise what other nodes call it; empty: the host
 */
record ClusterWords(
    Optional<String> host,
    Optional<String> advertise,
    Optional<Integer> httpPort,
    Optional<Integer> adminPort,
    Optional<Integer> clusterPort,
    Optional<String> jdbc,
    List<HostPort> join) {
  private static final String HOST = "--host=";
  private static final String ADVERTISE = "--advertise=";
  private static final String HTTP_PORT = "--http-port=";
  private static final String ADMIN_PORT = "--admin-port=";
  private static final String CLUSTER_PORT = "--cluster-port=";
  private static final String URL = "jdbc:";
  private static final String JOIN = "--join=";

  static final ClusterWords NONE =
      new ClusterWords(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());

  ClusterWords {
    join = List.copyOf(join);
  }

  static boolean is(String word) {
    return word.startsWith("--") || word.startsWith(URL);
  }

  List<String> words() {
    List<String> words = new ArrayList<>();
    host.ifPresent(name -> words.add(HOST + name));
    advertise.ifPresent(name -> words.add(ADVERTISE + name));
    httpPort.ifPresent(port -> words.add(HTTP_PORT + port));
    adminPort.ifPresent(port -> words.add(ADMIN_PORT + port));
    clusterPort.ifPresent(port -> words.add(CLUSTER_PORT + port));
    jdbc.ifPresent(words::add);
    join.forEach(member -> words.add(JOIN + member));
    return words;
  }

  static ClusterWords among(List<String> words) {
    return new ClusterWords(
        after(HOST, words).stream().findFirst(),
        after(ADVERTISE, words).stream().findFirst(),
        after(HTTP_PORT, words).stream().map(Integer::valueOf).findFirst(),
        after(ADMIN_PORT, words).stream().map(Integer::valueOf).findFirst(),
        after(CLUSTER_PORT, words).stream().map(Integer::valueOf).findFirst(),
        words.stream().filter(word -> word.startsWith(URL)).findFirst(),
        after(JOIN, words).stream().map(ClusterWords::hostPort).toList());
  }

  private static HostPort hostPort(String text) {
    int colon = text.lastIndexOf(':');
    return new HostPort(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  private static List<String> after(String option, List<String> words) {
    return words.stream().filter(word -> word.startsWith(option)).map(word -> word.substring(option.length())).toList();
  }
}
