package io.clipper.membership;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The nodes that are up and in reach of this one, oldest first: what decides where things run.
 *
 * @param self this node's address
 * @param all the addresses of all members, those too that come, leave or are out of reach
 * @param outOfReach the addresses of those that do not answer, and may be gone
 */
public record Members(String self, List<Peer> inReach, Set<String> all, Set<String> outOfReach) {
  /** Before the cluster has said anything. */
  public static final Members NONE = new Members("", List.of(), Set.of(), Set.of());

  public Members {
    inReach = List.copyOf(inReach);
    all = Set.copyOf(all);
    outOfReach = Set.copyOf(outOfReach);
  }

  public boolean isInReach(String address) {
    return inReach.stream().anyMatch(peer -> peer.address().equals(address));
  }

  /** Whether this node is a member yet. */
  public boolean isIn() {
    return isInReach(self);
  }

  public List<Peer> with(String role) {
    return inReach.stream().filter(peer -> peer.has(role)).toList();
  }

  /** Who decides for all that have that role. */
  public Optional<Peer> oldest(String role) {
    return inReach.stream().filter(peer -> peer.has(role)).findFirst();
  }

  /**
   * Who was there before this node and keeps its state in another database.
   *
   * @param store the role of those that have this node's
   */
  Optional<Peer> withAnotherStore(String store) {
    return inReach.stream().takeWhile(peer -> !peer.address().equals(self)).filter(peer -> peer.keepsStateElsewhere(store)).findFirst();
  }

  /** Whether catalog and loops are somewhere in reach. */
  public boolean hasState() {
    return oldest(NodeRoles.APPLICATION).isPresent();
  }
}
