package io.clipper.load;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** What one node of a cluster is to the others, which goes to another when it is lost. */
enum ClusterRole {
  /** It decides who joins, and where entities start. */
  OLDEST("the oldest"),
  CATALOG("with the catalog"),
  LOOP("with the loop");

  /** Of a node that was killed, which the others still take for theirs. */
  private static final String NOBODY = "nobody";

  private static final long PATIENCE_SECONDS = 20;
  private static final long PAUSE_MILLIS = 20;

  private final String words;

  ClusterRole(String words) {
    this.words = words;
  }

  /** The one node that has it, once all of those say the same; they are asked as often as it takes. */
  String holder(ClusterNodes nodes, Collection<String> asked) throws IOException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    Set<String> holders = holders(nodes, asked);
    while (holders.size() != 1 || holders.contains(NOBODY)) {
      if (System.nanoTime() > until) {
        throw new IOException("%s: %s".formatted(words, holders));
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      holders = holders(nodes, asked);
    }
    return holders.iterator().next();
  }

  private Set<String> holders(ClusterNodes nodes, Collection<String> asked) throws IOException {
    Set<String> holders = new TreeSet<>();
    for (String name : asked) {
      switch (this) {
        case OLDEST -> holders.add(nodes.named(nodes.process(name).oldest()).orElse(NOBODY));
        case CATALOG -> holders.addAll(lives(nodes, name, LiveEntities.CATALOG));
        case LOOP -> holders.addAll(lives(nodes, name, LiveEntities.loopOf(nodes.served().application())));
      }
    }
    return holders;
  }

  private static List<String> lives(ClusterNodes nodes, String name, String identity) throws IOException {
    return nodes.process(name).live().has(identity) ? List.of(name) : List.of();
  }

  @Override
  public String toString() {
    return words;
  }
}
