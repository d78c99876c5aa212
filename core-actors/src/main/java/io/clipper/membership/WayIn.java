package io.clipper.membership;

import io.clipper.membership.MemberBook.Known;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whom a node with a database joins. The book of members counts more than what the node was told: whoever signs there lives, and is of the
 * cluster that has this database.
 *
 * @param named the nodes that it was told to join, itself perhaps among them
 */
record WayIn(String self, List<String> named) {
  WayIn {
    named = List.copyOf(named);
  }

  /**
   * Whether it is a cluster of its own where nobody lives and nobody answers: one that was told of no nodes, or that it is one of them, or
   * that was a member when the cluster ended. Any other was told that there is a cluster, and waits for it.
   */
  boolean mayBeFirst(Known known) {
    return !known.hasLivingBeside(self) && (named.isEmpty() || named.contains(self) || known.all().contains(self));
  }

  /** Whom it joins, in this order: others that live; else whoever the book remembers or the node was told of, after itself where it may be first. */
  List<String> seeds(Known known) {
    if (known.hasLivingBeside(self)) {
      return others(known.signed());
    }
    Set<String> seeds = new LinkedHashSet<>();
    if (mayBeFirst(known)) {
      seeds.add(self);
    }
    seeds.addAll(others(known.all()));
    named.stream().filter(address -> !address.equals(self)).forEach(seeds::add);
    return List.copyOf(seeds);
  }

  private List<String> others(Set<String> addresses) {
    return addresses.stream().filter(address -> !address.equals(self)).sorted().toList();
  }
}
