package io.clipper.application;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** The loops that serve on this node. Any thread may look. */
final class LoopsHere {
  private final ConcurrentHashMap<String, ActorRef<ApplicationActor.Command>> byEntityId = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, ConcurrentNavigableMap<Integer, String>> entityIds = new ConcurrentHashMap<>();

  void put(String entityId, ActorRef<ApplicationActor.Command> loop) {
    byEntityId.put(entityId, loop);
    entityIds
        .computeIfAbsent(Partitions.applicationOf(entityId), application -> new ConcurrentSkipListMap<>())
        .put(Partitions.partitionOf(entityId), entityId);
  }

  /** Unless another has taken its place. */
  void remove(String entityId, ActorRef<ApplicationActor.Command> loop) {
    if (byEntityId.remove(entityId, loop)) {
      of(Partitions.applicationOf(entityId)).remove(Partitions.partitionOf(entityId));
    }
  }

  @Nullable ActorRef<ApplicationActor.Command> get(String entityId) {
    return byEntityId.get(entityId);
  }

  /** The same for as long as it is here. */
  Optional<String> first(String application) {
    Map.Entry<Integer, String> first = of(application).firstEntry();
    return first == null ? Optional.empty() : Optional.of(first.getValue());
  }

  Collection<String> entityIds(String application) {
    return List.copyOf(of(application).values());
  }

  int size() {
    return byEntityId.size();
  }

  private ConcurrentNavigableMap<Integer, String> of(String application) {
    ConcurrentNavigableMap<Integer, String> known = entityIds.get(application);
    return known == null ? new ConcurrentSkipListMap<>() : known;
  }
}
