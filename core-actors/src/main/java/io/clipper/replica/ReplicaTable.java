package io.clipper.replica;

import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaStatus.State;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** One node's model versions as its host last told of them: read without a lock from any thread, written by the host alone. */
public final class ReplicaTable {
  private final Map<ModelId, CompletableFuture<ReplicaStatus>> awaited = new ConcurrentHashMap<>();
  private volatile Map<ModelId, ReplicaStatus> versions = Map.of();
  private volatile Set<ModelId> ready = Set.of();

  /** Whether some copy of that version takes queries. */
  public boolean isReady(ModelId model) {
    return ready.contains(model);
  }

  /** The versions of which some copy takes queries. */
  public Set<ModelId> ready() {
    return ready;
  }

  /** The best copy of that version; empty for one that the host was not asked for. */
  public Optional<ReplicaStatus> of(ModelId model) {
    return Optional.ofNullable(versions.get(model));
  }

  /**
   * Completes when a copy of that version takes queries, or when it cannot be loaded (it is tried again, but whoever deployed it should
   * hear of it). A version that the host is never asked for never settles: the caller has a timeout.
   */
  public CompletionStage<ReplicaStatus> whenSettled(ModelId model) {
    CompletableFuture<ReplicaStatus> settled = awaited.computeIfAbsent(model, id -> new CompletableFuture<>());
    // The host writes the table and then looks who waits; this thread waits and then looks at the table.
    complete(model, versions);
    return settled.minimalCompletionStage();
  }

  void publish(Map<ModelId, ReplicaStatus> now) {
    Map<ModelId, ReplicaStatus> before = versions;
    versions = Map.copyOf(now);
    ready =
        now.values().stream()
            .filter(status -> status.state() == State.READY)
            .map(ReplicaStatus::model)
            .collect(Collectors.toUnmodifiableSet());
    awaited.keySet().forEach(model -> complete(model, now));
    before.values().stream().filter(status -> !now.containsKey(status.model())).forEach(this::abandon);
  }

  private void complete(ModelId model, Map<ModelId, ReplicaStatus> statuses) {
    ReplicaStatus status = statuses.get(model);
    if (status != null && (status.state() == State.READY || status.state() == State.FAILED)) {
      CompletableFuture<ReplicaStatus> settled = awaited.remove(model);
      if (settled != null) {
        settled.complete(status);
      }
    }
  }

  private void abandon(ReplicaStatus last) {
    CompletableFuture<ReplicaStatus> settled = awaited.remove(last.model());
    if (settled != null) {
      settled.complete(
          new ReplicaStatus(last.model(), last.replica(), State.FAILED, last.restarts(), Optional.of("it is no longer wanted"), 0, 0));
    }
  }
}
