package io.clipper.load;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorRefWithCell;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The entities of a cluster that live in one process, the catalog's and the applications' loops: each by its identity, with the number by
 * which its actor is told from others that had the same path. They are read off the tree of actors, so that one that recovers, or ends and
 * has not ended yet, counts as live.
 */
record LiveEntities(Map<String, Integer> incarnations) {
  static final LiveEntities NONE = new LiveEntities(Map.of());

  /** The one entity that decides what is served. */
  static final String CATALOG = "catalog/catalog";

  private static final String LOOPS = "application/";

  LiveEntities {
    incarnations = Map.copyOf(incarnations);
  }

  /** The one that an application has whose partitions are {@code one}. */
  static String loopOf(String application) {
    return LOOPS + application + "/0";
  }

  /** Of a system that has ended there are none. */
  static LiveEntities in(ActorSystem<?> system) {
    Map<String, Integer> live = new TreeMap<>();
    ActorRef guardian = ((ExtendedActorSystem) system.classicSystem()).systemGuardian();
    for (ActorRef parts : children(guardian)) {
      if (parts.path().name().equals("sharding")) {
        entities(parts).forEach(entity -> live.put(identity(entity), entity.path().uid()));
      }
    }
    live.keySet().removeIf(identity -> !identity.equals(CATALOG) && !identity.startsWith(LOOPS));
    return new LiveEntities(live);
  }

  /** Below each kind of entity its shards, and below those the entities. */
  private static List<ActorRef> entities(ActorRef sharding) {
    List<ActorRef> entities = new ArrayList<>();
    for (ActorRef kind : children(sharding)) {
      for (ActorRef shard : children(kind)) {
        children(shard).forEach(entities::add);
      }
    }
    return entities;
  }

  private static String identity(ActorRef entity) {
    String kind = entity.path().parent().parent().name();
    return kind + "/" + URLDecoder.decode(entity.path().name(), StandardCharsets.UTF_8);
  }

  private static Iterable<ActorRef> children(ActorRef parent) {
    return parent instanceof ActorRefWithCell here ? CollectionConverters.asJava(here.children()) : List.of();
  }

  boolean has(String identity) {
    return incarnations.containsKey(identity);
  }

  /** In one line, for {@link #parse}. */
  String line() {
    return incarnations.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).collect(Collectors.joining(" "));
  }

  static LiveEntities parse(String line) {
    Map<String, Integer> live = new TreeMap<>();
    for (String word : line.split(" ", -1)) {
      if (!word.isEmpty()) {
        int equals = word.lastIndexOf('=');
        live.put(word.substring(0, equals), Integer.valueOf(word.substring(equals + 1)));
      }
    }
    return new LiveEntities(live);
  }
}
