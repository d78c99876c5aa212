package io.clipper.replica;

import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a node has to be to run a model. */
final class Needs {
  private Needs() {}

  /** Why none of these nodes may run it, for people to read. */
  static String unmet(RuntimeSpec runtime, List<Peer> nodes) {
    String cause =
        nodes.stream().noneMatch(node -> node.has(NodeRoles.REPLICA))
            ? "none has the role replica"
            : runtime
                .tiedTo()
                .map("it is tied to the machine %s"::formatted)
                .orElse("none has what it needs");
    return "no node in reach may run it: " + cause;
  }

  /**
   * The roles of such a node.
   *
   * @param anyGpu whether some node has a GPU; where none has, the one that tries says what is missing
   */
  static Set<String> of(RuntimeSpec runtime, boolean anyGpu) {
    Set<String> needs = new HashSet<>();
    needs.add(NodeRoles.REPLICA);
    runtime.tiedTo().map(NodeRoles::machine).ifPresent(needs::add);
    if (anyGpu && runtime.wantsGpu()) {
      needs.add(NodeRoles.GPU);
    }
    return needs;
  }
}
