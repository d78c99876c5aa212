package io.clipper.replica;

import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaStatus.State;
import io.clipper.replica.WantedReplicas.Wanted;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A place for one copy of a model version on this node.
 *
 * @param number the host's own, never given twice
 * @param failures in a row; a copy that served for long before it stopped starts them anew
 * @param crashes when it stopped by itself, on the node's clock, as far as time has not made up for it
 * @param readySince on the node's clock, where it is or was ready
 * @param remark the runtime's, of a copy that is ready
 */
record ReplicaSlot(
    long number,
    Wanted wanted,
    int replica,
    State state,
    Optional<ActorRef<ModelReplicaActor.Command>> ref,
    int restarts,
    int failures,
    List<Long> crashes,
    Optional<String> lastError,
    long readySince,
    Optional<String> remark) {

  static ReplicaSlot empty(long number, Wanted wanted, int replica) {
    return new ReplicaSlot(number, wanted, replica, State.LOADING, Optional.empty(), 0, 0, List.of(), Optional.empty(), 0, Optional.empty());
  }

  ModelId model() {
    return wanted.version().id();
  }

  CopyId copy() {
    return new CopyId(model(), replica);
  }

  /** Whether it is that version's, and not of another that had its name. */
  boolean runs(ModelVersion version) {
    ModelVersion own = wanted.version();
    return own.artifact().equals(version.artifact()) && own.runtime().equals(version.runtime()) && own.signature().equals(version.signature());
  }

  /** What other nodes are told of it. */
  Running.Copy running() {
    return new Running.Copy(status(), state == State.READY ? ref : Optional.empty());
  }

  boolean isSettled() {
    return state == State.READY || state == State.FAILED;
  }

  ReplicaSlot wanting(Wanted newWanted) {
    return new ReplicaSlot(number, newWanted, replica, state, ref, restarts, failures, crashes, lastError, readySince, remark);
  }

  /** Another attempt: what went wrong before stays visible until it has gone well. */
  ReplicaSlot loading() {
    return new ReplicaSlot(number, wanted, replica, State.LOADING, ref, restarts, failures, crashes, lastError, readySince, remark);
  }

  ReplicaSlot ready(ActorRef<ModelReplicaActor.Command> newRef, long now, Optional<String> newRemark) {
    return new ReplicaSlot(number, wanted, replica, State.READY, Optional.of(newRef), restarts, failures, crashes, lastError, now, newRemark);
  }

  ReplicaSlot failed(String error) {
    return new ReplicaSlot(
        number, wanted, replica, State.FAILED, Optional.empty(), restarts, failures + 1, crashes, Optional.of(error), readySince, Optional.empty());
  }

  /** It stopped by itself: to be started again soon, or marked as failed where that happened too often. */
  ReplicaSlot stopped(String error, long now, BackOff backOff, CrashLimit limit) {
    int before = now - readySince > backOff.max().toNanos() ? 0 : failures;
    List<Long> recent = limit.after(crashes, now);
    if (!limit.isReached(recent)) {
      return new ReplicaSlot(
          number, wanted, replica, State.RESTARTING, Optional.empty(), restarts + 1, before + 1, recent, Optional.of(error), readySince, Optional.empty());
    }
    String often = "it stopped %d times within %s, at last as %s".formatted(recent.size(), limit.window(), error);
    return new ReplicaSlot(
        number, wanted, replica, State.FAILED, Optional.empty(), restarts + 1, before + 1, recent, Optional.of(often), readySince, Optional.empty());
  }

  /** Until the next attempt; the longest for one that stopped too often. */
  Duration pause(BackOff backOff, CrashLimit limit, RandomGenerator random) {
    return limit.isReached(crashes) ? backOff.longest(random) : backOff.after(failures, random);
  }

  ReplicaSlot draining() {
    return new ReplicaSlot(number, wanted, replica, State.DRAINING, ref, restarts, failures, crashes, lastError, readySince, remark);
  }

  /** Without what only the copy itself knows. */
  ReplicaStatus status() {
    return new ReplicaStatus(model(), replica, state, restarts, lastError, 0, 0, remark);
  }

  ReplicaStatus status(ModelReplicaActor.Status known) {
    return new ReplicaStatus(model(), replica, state, restarts, lastError, known.queued(), known.batchLimit(), remark, known.lastFailure());
  }
}
