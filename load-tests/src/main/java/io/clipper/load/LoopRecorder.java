package io.clipper.load;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Asks each node of a cluster every tenth of a second how many loops take queries there: by the pipe to its process, which neither the
 * network nor the end of its ports cuts.
 */
final class LoopRecorder implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 100;

  /**
   * What a node said.
   *
   * @param from before this it was asked
   * @param until by then it had answered
   */
  record Sighting(String node, long from, long until, int loops) {}

  private final Map<String, Thread> watching = new HashMap<>();
  private final Map<String, Integer> latest = new ConcurrentHashMap<>();
  private final Queue<Sighting> sightings = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  void watch(String name, NodeProcess node) {
    watching.put(name, Thread.ofVirtual().name("loops-" + name).start(() -> keepAsking(name, node)));
  }

  /** Of nodes that could not be asked to the end. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** In the order in which they were made. */
  List<Sighting> sightings() {
    return List.copyOf(sightings);
  }

  /** Where a loop ran when it was asked last; empty where none did. */
  List<String> holders() {
    return latest.entrySet().stream().filter(entry -> entry.getValue() > 0).map(Map.Entry::getKey).toList();
  }

  private void keepAsking(String name, NodeProcess node) {
    try {
      while (true) {
        long from = System.nanoTime();
        int loops = (int) node.ask("loops");
        latest.put(name, loops);
        sightings.add(new Sighting(name, from, System.nanoTime(), loops));
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MILLIS);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (IOException gone) {
      failures.add("%s: %s".formatted(name, gone.getMessage()));
    }
  }

  @Override
  public void close() {
    watching.values().forEach(Thread::interrupt);
  }
}
