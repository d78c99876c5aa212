package io.clipper.node.discovery;

import io.clipper.Refused;
import java.util.List;
import java.util.Optional;

/** A way to find the addresses of other nodes. */
public sealed interface Discovery permits DnsDiscovery, KubernetesDiscovery {
  int USUAL_PORT = 25520;

  /**
   * Asks once, and blocks for the answer.
   *
   * @param self what other nodes call this one, by name or address: its addresses are left out
   * @return each as {@code HOST:PORT}; in the same order on every node
   * @throws Refused in one line, where nobody could be asked
   */
  List<String> nodes(String self);

  /** {@code dns:NAME[:PORT]} or {@code kubernetes:LABELS[:PORT]}. */
  static Discovery parse(String text) {
    String[] parts = text.split(":", -1);
    Optional<Integer> port = parts.length == 3 ? port(parts[2]) : Optional.of(USUAL_PORT);
    if (parts.length < 2 || parts.length > 3 || parts[1].isBlank() || port.isEmpty()) {
      throw wrong(text);
    }
    return switch (parts[0]) {
      case "dns" -> new DnsDiscovery(parts[1], port.get());
      case "kubernetes" -> new KubernetesDiscovery(parts[1], port.get(), KubernetesApi::ofThisPod);
      default -> throw wrong(text);
    };
  }

  private static Optional<Integer> port(String text) {
    return text.matches("[1-9][0-9]{0,4}") && Integer.parseInt(text) <= 65535 ? Optional.of(Integer.parseInt(text)) : Optional.empty();
  }

  private static Refused wrong(String text) {
    return new Refused(Refused.Reason.INVALID, "--discovery '%s' is neither dns:NAME[:PORT] nor kubernetes:LABELS[:PORT]".formatted(text));
  }
}
