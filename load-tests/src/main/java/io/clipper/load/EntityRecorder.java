package io.clipper.load;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Asks each node of a cluster every tenth of a second which entities live there, and which incarnation of each: by the pipe to its process,
 * which neither the network nor the end of its ports cuts.
 */
final class EntityRecorder implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 100;

  /**
   * What a node said.
   *
   * @param from before this it was asked
   * @param until by then it had answered
   */
  record Sighting(String node, long from, long until, LiveEntities live) {}

  /** One life of an entity. */
  private record Life(String node, int incarnation) {
    @Override
    public String toString() {
      return "%s#%d".formatted(node, incarnation);
    }
  }

  private final Map<String, Thread> watching = new HashMap<>();
  private final Queue<Sighting> sightings = new ConcurrentLinkedQueue<>();
  private final Map<String, String> failures = new ConcurrentHashMap<>();

  void watch(String name, NodeProcess node) {
    watching.put(name, Thread.ofVirtual().name("entities-" + name).start(() -> keepAsking(name, node)));
  }

  /** Asks a node no more, which is about to be killed; returns when nobody waits for its answer. */
  void forget(String name) throws InterruptedException {
    Thread asking = watching.remove(name);
    if (asking != null) {
      asking.interrupt();
      asking.join();
    }
  }

  /** Of nodes that could not be asked to the end. */
  Map<String, String> failures() {
    return Map.copyOf(failures);
  }

  /** In the order in which they were made. */
  List<Sighting> sightings() {
    return List.copyOf(sightings);
  }

  /** Those that were asked since then. */
  List<Sighting> since(long at) {
    return sightings.stream().filter(sighting -> sighting.from() >= at).toList();
  }

  /** The node that said last that the entity lives there. */
  Optional<String> holder(String identity) {
    Map<String, Boolean> latest = new HashMap<>();
    sightings.forEach(sighting -> latest.put(sighting.node(), sighting.live().has(identity)));
    return latest.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).findFirst();
  }

  /** Of each entity: it was seen, never on two nodes at once, and none of its incarnations after a later one. */
  static void judge(String what, List<Sighting> sightings, Set<String> identities, Report report) {
    for (String identity : identities) {
      long seen = sightings.stream().filter(sighting -> sighting.live().has(identity)).count();
      long both = overlaps(sightings, identity);
      long returns = returns(sightings, identity);
      report.bar(seen > 0 && both == 0, "%s: %s seen on two nodes at once: %d of %,d (0)".formatted(what, identity, both, seen));
      report.bar(
          returns == 0,
          "%s: %s seen again after its next incarnation: %d (0); incarnations: %s".formatted(what, identity, returns, lives(sightings, identity)));
    }
  }

  /** In the order in which they were seen first. */
  private static Set<Life> lives(List<Sighting> sightings, String identity) {
    Set<Life> lives = new LinkedHashSet<>();
    for (Sighting sighting : sightings) {
      Integer incarnation = sighting.live().incarnations().get(identity);
      if (incarnation != null) {
        lives.add(new Life(sighting.node(), incarnation));
      }
    }
    return lives;
  }

  /** How often a node said that the entity lives there while another, asked after it and answering before it, said so too. */
  private static long overlaps(List<Sighting> sightings, String identity) {
    Map<String, Sighting> latest = new HashMap<>();
    long overlaps = 0;
    for (Sighting sighting : sightings) {
      if (sighting.live().has(identity)) {
        // Both lives are certain where a node was seen with it before and after the other was.
        Sighting before = latest.put(sighting.node(), sighting);
        if (before != null) {
          overlaps +=
              latest.values().stream()
                  .filter(other -> !other.node().equals(sighting.node()) && other.from() > before.until() && other.until() < sighting.from())
                  .count();
        }
      } else {
        latest.remove(sighting.node());
      }
    }
    return overlaps;
  }

  /** How often an incarnation was seen to live when a later one of the same entity had been seen already. */
  private static long returns(List<Sighting> sightings, String identity) {
    Map<Life, Sighting> first = new LinkedHashMap<>();
    long returns = 0;
    for (Sighting sighting : sightings) {
      Integer incarnation = sighting.live().incarnations().get(identity);
      if (incarnation != null) {
        Sighting known = first.computeIfAbsent(new Life(sighting.node(), incarnation), life -> sighting);
        returns += first.values().stream().filter(other -> other.from() > known.until() && other.until() < sighting.from()).count();
      }
    }
    return returns;
  }

  private void keepAsking(String name, NodeProcess node) {
    try {
      while (true) {
        long from = System.nanoTime();
        LiveEntities live = node.live();
        sightings.add(new Sighting(name, from, System.nanoTime(), live));
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (IOException gone) {
      failures.put(name, String.valueOf(gone.getMessage()));
    }
  }

  @Override
  public void close() {
    watching.values().forEach(Thread::interrupt);
  }
}
