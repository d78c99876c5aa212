package io.clipper.application;

import io.clipper.catalog.Application;
import java.util.Optional;

/** Which of an application's partitions a query goes to, and what its loop is called there. */
final class Partitions {
  private Partitions() {}

  /** With {@code partitions: one} there is only the first. */
  static String entityId(Application application, Optional<String> context) {
    return entityId(application.name(), 0);
  }

  /** Whether a query can have been answered there. */
  static boolean exists(Application application, int partition) {
    return partition == 0;
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
}
