package io.clipper.gateway;

import java.util.List;

/**
 * The nodes, as this one sees them.
 *
 * @param self this node's address
 * @param shape {@code shared database} or {@code one state node}
 * @param catalogRevision of this node's copy
 */
public record ClusterView(String self, String shape, long catalogRevision, List<Member> members) {
  /**
   * @param status such as {@code Up} or {@code Leaving}
   */
  public record Member(String address, String status, List<String> roles) {
    public Member {
      roles = List.copyOf(roles);
    }
  }

  public ClusterView {
    members = List.copyOf(members);
  }
}
