package io.clipper.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One network namespace for each node, on a bridge to this process, made by {@code ip} of iproute2: needs Linux and the right to make them.
 * What one node sends to another can be cut, each way by itself; what this process and a database on the bridge send and get is not.
 */
final class Networks implements NodeNetwork {
  private static final String BRIDGE = "clipper-br";
  private static final String SUBNET = "10.77.0.";
  /** This process. */
  private static final String HERE = SUBNET + 254;

  private final List<String> names;

  private Networks(List<String> names) {
    this.names = List.copyOf(names);
  }

  /** @throws IOException in the words of {@code ip}, where namespaces are not permitted */
  static Networks open(List<String> names) throws IOException {
    Networks networks = new Networks(names);
    networks.close(); // what a run that was killed left
    try {
      networks.make();
      return networks;
    } catch (IOException failed) {
      networks.close();
      throw failed;
    }
  }

  private void make() throws IOException {
    ip("link add %s type bridge".formatted(BRIDGE));
    ip("addr add %s/24 dev %s".formatted(HERE, BRIDGE));
    ip("link set %s up".formatted(BRIDGE));
    for (String name : names) {
      ip("netns add " + namespace(name));
      ip("link add %s type veth peer name eth0 netns %s".formatted(cable(name), namespace(name)));
      ip("link set %s master %s up".formatted(cable(name), BRIDGE));
      ip("-n %s addr add %s/24 dev eth0".formatted(namespace(name), address(name)));
      ip("-n %s link set eth0 up".formatted(namespace(name)));
      ip("-n %s link set lo up".formatted(namespace(name)));
    }
  }

  @Override
  public String address(String name) {
    return SUBNET + (names.indexOf(name) + 1);
  }

  @Override
  public Optional<String> advertised(String name) {
    return Optional.empty();
  }

  @Override
  public String here() {
    return HERE;
  }

  @Override
  public List<String> launcher(String name) {
    return List.of("ip", "netns", "exec", namespace(name));
  }

  @Override
  public void cut(String from, String to) throws IOException {
    ip("-n %s route add blackhole %s/32".formatted(namespace(from), address(to)));
  }

  @Override
  public void heal(String from, String to) throws IOException {
    ip("-n %s route del blackhole %s/32".formatted(namespace(from), address(to)));
  }

  private static String namespace(String name) {
    return "clipper-" + name;
  }

  private static String cable(String name) {
    return "clipper-v" + name;
  }

  private static void ip(String words) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words.split(" ")));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException("ip %s: %s".formatted(words, said));
    }
  }

  /** What is not there any more cannot be taken away, and need not. */
  @Override
  public void close() {
    names.forEach(name -> ifThere("link del " + cable(name)));
    names.forEach(name -> ifThere("netns del " + namespace(name)));
    ifThere("link del " + BRIDGE);
  }

  private static boolean ifThere(String words) {
    try {
      ip(words);
      return true;
    } catch (IOException notThere) {
      return false;
    }
  }
}
