package io.clipper.membership;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes that are up and in reach of this one, oldest first: what decides where things run.
 *
 * @param self this node's address
 * @param all the addresses of all members, those too that come, leave or are out of reach
 */
public record Members(String self, List<Peer> inReach, Set<String> all) {
  /** Before the cluster has said anything. */
  public static final Members NONE = new Members("", List.of(), Set.of());

  public Members {
    inReach = List.copyOf(inReach);
    all = Set.copyOf(all);
  }

  public List<Peer> with(String role) {
    return inReach.stream().filter(peer -> peer.has(role)).toList();
  }

  /** Who decides for all that have that role. */
  public Optional<Peer> oldest(String role) {
    return inReach.stream().filter(peer -> peer.has(role)).findFirst();
  }

  /** Whether catalog and loops are somewhere in reach. */
  public boolean hasState() {
    return oldest(NodeRoles.APPLICATION).isPresent();
  }
}
