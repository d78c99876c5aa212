package io.clipper.replica;

import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaStatus.State;
import io.clipper.replica.WantedReplicas.Wanted;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A place for one copy of a model version on this node.
 *
 * @param number the host's own, never given twice
 * @param failures in a row; a copy that served for long before it stopped starts them anew
 * @param readySince on the node's clock, where it is or was ready
 */
record ReplicaSlot(
    long number,
    Wanted wanted,
    int replica,
    State state,
    Optional<ActorRef<ModelReplicaActor.Command>> ref,
    int restarts,
    int failures,
    Optional<String> lastError,
    long readySince) {

  static ReplicaSlot empty(long number, Wanted wanted, int replica) {
    return new ReplicaSlot(number, wanted, replica, State.LOADING, Optional.empty(), 0, 0, Optional.empty(), 0);
  }

  ModelId model() {
    return wanted.version().id();
  }

  boolean isSettled() {
    return state == State.READY || state == State.FAILED;
  }

  ReplicaSlot wanting(Wanted newWanted) {
    return new ReplicaSlot(number, newWanted, replica, state, ref, restarts, failures, lastError, readySince);
  }

  /** Another attempt: what went wrong before stays visible until it has gone well. */
  ReplicaSlot loading() {
    return new ReplicaSlot(number, wanted, replica, State.LOADING, ref, restarts, failures, lastError, readySince);
  }

  ReplicaSlot ready(ActorRef<ModelReplicaActor.Command> newRef, long now) {
    return new ReplicaSlot(number, wanted, replica, State.READY, Optional.of(newRef), restarts, failures, lastError, now);
  }

  ReplicaSlot failed(String error) {
    return new ReplicaSlot(number, wanted, replica, State.FAILED, Optional.empty(), restarts, failures + 1, Optional.of(error), readySince);
  }

  ReplicaSlot stopped(String error, long now, BackOff backOff) {
    int before = now - readySince > backOff.max().toNanos() ? 0 : failures;
    return new ReplicaSlot(number, wanted, replica, State.FAILED, Optional.empty(), restarts + 1, before + 1, Optional.of(error), readySince);
  }

  ReplicaSlot draining() {
    return new ReplicaSlot(number, wanted, replica, State.DRAINING, ref, restarts, failures, lastError, readySince);
  }

  ReplicaStatus status(int queued, int batchLimit) {
    return new ReplicaStatus(model(), replica, state, restarts, lastError, queued, batchLimit);
  }
}
