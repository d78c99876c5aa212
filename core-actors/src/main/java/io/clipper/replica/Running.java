package io.clipper.replica;

import io.clipper.bulletin.Value;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** All copies of one node, for the others to ask. */
public record Running(List<Copy> copies) implements Value {
  /** Under which a node tells it. */
  public static final String TOPIC = "replicas";

  public static final Running NONE = new Running(List.of());

  /**
   * @param status as it was when the copy's state changed last; what waits there is not told
   * @param ref of one that takes queries
   */
  public record Copy(ReplicaStatus status, Optional<ActorRef<ModelReplicaActor.Command>> ref) {}

  public Running {
    copies = List.copyOf(copies);
  }

  List<ReplicaStatus> statuses() {
    return copies.stream().map(Copy::status).toList();
  }
}
