package io.clipper.membership;

import java.util.Set;
import java.util.TreeSet;
import org.apache.pekko.actor.Address;

/**
 * A node that is up and in reach, this one included.
 *
 * @param address {@code HOST:PORT} of its cluster port, the same after a restart
 */
public record Peer(String address, Set<String> roles) {
  public Peer {
    roles = Set.copyOf(roles);
  }

  /** What a node's address is called here, and shown as. */
  public static String nameOf(Address address) {
    return "%s:%s".formatted(address.getHost().orElse(""), address.getPort().map(String::valueOf).orElse(""));
  }

  /** What it does for the others, in a few words for a person. */
  public String duties() {
    return String.join(", ", new TreeSet<>(roles));
  }

  public boolean has(String role) {
    return roles.contains(role);
  }
}
