package io.clipper.replica;

import io.clipper.model.ModelId;
import java.util.Optional;

/**
 * How one copy of a model version is doing.
 *
 * @param replica its number among the version's copies on all nodes, from 0
 * @param restarts how often it stopped by itself and was started again
 * @param lastError the last reason it could not be loaded or stopped by itself, for people to read
 * @param queued rows that wait
 * @param batchLimit the most rows of its next batch; 0 where it has none
 * @param remark what its operator should know of it, while it is ready
 * @param lastFailure the last of its batches that failed, and how long ago, for people to read; what waits and this only its own node knows
 */
public record ReplicaStatus(
    ModelId model,
    int replica,
    State state,
    int restarts,
    Optional<String> lastError,
    int queued,
    int batchLimit,
    Optional<String> remark,
    Optional<String> lastFailure) {
  /** Of one of whose batches nothing is known. */
  public ReplicaStatus(
      ModelId model, int replica, State state, int restarts, Optional<String> lastError, int queued, int batchLimit, Optional<String> remark) {
    this(model, replica, state, restarts, lastError, queued, batchLimit, remark, Optional.empty());
  }

  public enum State {
    LOADING,
    READY,
    /** It stopped by itself, and is started again after a pause. */
    RESTARTING,
    /** It cannot be loaded, or stopped too often; it is tried again after longer and longer pauses. */
    FAILED,
    DRAINING
  }

  /** Of one that no node may run. */
  static ReplicaStatus nowhere(CopyId copy, String why) {
    return new ReplicaStatus(copy.model(), copy.replica(), State.FAILED, 0, Optional.of(why), 0, 0, Optional.empty());
  }

  CopyId copy() {
    return new CopyId(model, replica);
  }

  /** Whether it could not be loaded, or stopped too often, and has not been ready since. */
  boolean hasFailed() {
    return state == State.FAILED || (state == State.LOADING && restarts == 0 && lastError.isPresent());
  }

  /** Whether it may be ready soon, as far as is known. */
  boolean isUnderWay() {
    return state == State.RESTARTING || (state == State.LOADING && !hasFailed());
  }

  /** Of two copies of one version the one that is further: ready before failed before loading. */
  static ReplicaStatus furthest(ReplicaStatus one, ReplicaStatus other) {
    return rank(one.state()) <= rank(other.state()) ? one : other;
  }

  private static int rank(State state) {
    return switch (state) {
      case READY -> 0;
      case FAILED -> 1;
      case LOADING -> 2;
      case RESTARTING -> 3;
      case DRAINING -> 4;
    };
  }
}
