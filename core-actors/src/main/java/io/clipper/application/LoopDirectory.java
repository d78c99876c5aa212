package io.clipper.application;

import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;

/**
 * The way to the loops. One that serves on this node is told directly, which spares a query the two actors by which sharding finds an
 * entity; all others are found by sharding. What is told to a loop in the moment it stops is answered by the query's deadline.
 */
final class LoopDirectory {
  private final ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding;
  private final ConcurrentHashMap<String, ActorRef<ApplicationActor.Command>> here;

  LoopDirectory(ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding, ConcurrentHashMap<String, ActorRef<ApplicationActor.Command>> here) {
    this.sharding = sharding;
    this.here = here;
  }

  void tell(String entityId, ApplicationActor.Command command) {
    ActorRef<ApplicationActor.Command> loop = here.get(entityId);
    if (loop != null) {
      loop.tell(command);
    } else {
      sharding.tell(new ShardingEnvelope<>(entityId, command));
    }
  }

  /** Through sharding, which keeps the message while the loop moves. */
  ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding() {
    return sharding;
  }
}
