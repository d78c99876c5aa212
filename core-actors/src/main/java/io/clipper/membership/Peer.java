package io.clipper.membership;

import java.util.List;
import java.util.Set;
import org.apache.pekko.actor.Address;

/**
 * A node that is up and in reach, this one included.
 *
 * @param address {@code HOST:PORT} of its cluster port, the same after a restart
 */
public record Peer(String address, Set<String> roles) {
  /** What Pekko adds to a member's roles. */
  private static final String DATA_CENTER = "dc-";

  public Peer {
    roles = Set.copyOf(roles);
  }

  /** What a node's address is called here, and shown as. */
  public static String nameOf(Address address) {
    return "%s:%s".formatted(address.getHost().orElse(""), address.getPort().map(String::valueOf).orElse(""));
  }

  /** What a member does, in order: without what only says where it is, and where its state is. */
  public static List<String> rolesOf(Set<String> all) {
    return all.stream()
        .filter(role -> !role.startsWith(DATA_CENTER) && !NodeRoles.isMachine(role) && !NodeRoles.isStore(role) && !role.equals(NodeRoles.SHARED_DATABASE))
        .sorted()
        .toList();
  }

  /** What it does for the others, in a few words for a person. */
  public String duties() {
    return String.join(", ", rolesOf(roles));
  }

  /** Whether it keeps its state in another database than that one; of one that does not say so nothing is known. */
  boolean keepsStateElsewhere(String store) {
    return has(NodeRoles.APPLICATION) && !has(store) && roles.stream().anyMatch(NodeRoles::isStore);
  }

  public boolean has(String role) {
    return roles.contains(role);
  }
}
