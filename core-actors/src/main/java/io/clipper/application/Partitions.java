package io.clipper.application;

import io.clipper.catalog.Application;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which partitions an application has, and what their loops are called. With {@code one} that is number 0; with {@code every-node} it has
 * a fixed number of others, so that a context has the same one for ever, however many nodes there are.
 */
final class Partitions {
  /** More than the nodes that keep state in any cluster this is meant for, and few enough that those which idle cost nothing. */
  static final int SPREAD = 32;

  private static final String SPREAD_SHARD = "partition-";

  private Partitions() {}

  static boolean areSpread(Application application) {
    return application.learning().partitions().equals("every-node");
  }

  /** Whether a partition of that number shares what it learns with others. */
  static boolean isSpread(int partition) {
    return partition > 0;
  }

  /** The loops of an application. */
  static List<String> entityIds(Application application) {
    return areSpread(application)
        ? IntStream.rangeClosed(1, SPREAD).mapToObj(partition -> entityId(application.name(), partition)).toList()
        : List.of(entityId(application.name(), 0));
  }

  /** The loop that whoever has that key has for ever. */
  static String entityId(Application application, String key) {
    return entityId(application.name(), areSpread(application) ? numbered(key) : 0);
  }

  /** From 1 on, evenly. */
  static int numbered(String key) {
    int hash = key.hashCode();
    hash = (hash ^ (hash >>> 16)) * 0x45d9f3b;
    return 1 + Math.floorMod(hash ^ (hash >>> 16), SPREAD);
  }

  /** Whether a query can have been answered there. */
  static boolean exists(Application application, int partition) {
    return areSpread(application) ? partition >= 1 && partition <= SPREAD : partition == 0;
  }

  static String entityId(String application, int partition) {
    return application + "/" + partition;
  }

  static String applicationOf(String entityId) {
    return entityId.substring(0, entityId.lastIndexOf('/'));
  }

  static int partitionOf(String entityId) {
    return Integer.parseInt(entityId.substring(entityId.lastIndexOf('/') + 1));
  }

  /** The shard of all applications' partitions of that number. */
  static String spreadShard(int partition) {
    return SPREAD_SHARD + partition;
  }

  /** Of a shard of such partitions their number, else 0. */
  static int spreadPartition(String shard) {
    return shard.startsWith(SPREAD_SHARD) ? Integer.parseInt(shard.substring(SPREAD_SHARD.length())) : 0;
  }
}
