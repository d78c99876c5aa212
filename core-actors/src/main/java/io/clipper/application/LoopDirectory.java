package io.clipper.application;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
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

  void predict(String entityId, Function<ApplicationActor.ReplyTo, ApplicationActor.Predict> query, ReplyDesk.Slip slip) {
    ActorRef<ApplicationActor.Command> loop = here.get(entityId);
    if (loop != null) {
      loop.tell(query.apply(slip.here(loop::tell)));
    } else {
      sharding.tell(new ShardingEnvelope<>(entityId, query.apply(slip.there(withdraw -> sharding.tell(new ShardingEnvelope<>(entityId, withdraw))))));
    }
  }

  /** Through sharding, which keeps the message while the loop moves. */
  ActorRef<ShardingEnvelope<ApplicationActor.Command>> sharding() {
    return sharding;
  }
}
