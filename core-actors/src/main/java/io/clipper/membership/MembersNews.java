package io.clipper.membership;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;

/**
 * One line for an operator: who of the other nodes came, left, or does not answer.
 *
 * @param alarming whether somebody may have to do something about it
 */
record MembersNews(String line, boolean alarming) {
  /** What has changed for a node that was in the cluster before and is still; in all else nothing is new, or somebody else tells it. */
  static List<MembersNews> between(Members before, Members now) {
    if (!before.isInReach(now.self()) || !now.isInReach(now.self())) {
      return List.of();
    }
    List<MembersNews> news = new ArrayList<>();
    for (Peer peer : now.inReach()) {
      if (!before.isInReach(peer.address())) {
        boolean isBack = before.outOfReach().contains(peer.address());
        news.add(new MembersNews((isBack ? "node %s is in reach again (%s)" : "node %s has joined (%s)").formatted(peer.address(), peer.duties()), false));
      }
    }
    for (String address : without(now.outOfReach(), before.outOfReach())) {
      news.add(new MembersNews("node %s is out of reach".formatted(address), true));
    }
    for (String address : without(before.all(), now.all())) {
      boolean wasLost = before.outOfReach().contains(address);
      news.add(new MembersNews((wasLost ? "node %s was out of reach for too long: the cluster goes on without it" : "node %s has left").formatted(address), wasLost));
    }
    return news;
  }

  private static List<String> without(Set<String> some, Set<String> others) {
    return some.stream().filter(address -> !others.contains(address)).sorted().toList();
  }

  void log(Logger log) {
    if (alarming) {
      log.warn(line);
    } else {
      log.info(line);
    }
  }
}
