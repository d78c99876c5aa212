package io.clipper.replica;

import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaStatus.State;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The model versions as this node's host and the other nodes last told of them; read without a lock from any thread. */
public final class ReplicaTable {
  private final Map<ModelId, CompletableFuture<ReplicaStatus>> awaited = new ConcurrentHashMap<>();
  private Map<ModelId, ReplicaStatus> here = Map.of();
  private volatile Map<String, List<ReplicaStatus>> elsewhere = Map.of();
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

  /** The copies of all other nodes, by the node's address, as each has told last. */
  public Map<String, List<ReplicaStatus>> elsewhere() {
    return elsewhere;
  }

  /**
   * Completes when a copy of that version takes queries, or when it cannot be loaded (it is tried again, but whoever deployed it should
   * hear of it). A version that the host is never asked for never settles: the caller has a timeout.
   */
  public CompletionStage<ReplicaStatus> whenSettled(ModelId model) {
    CompletableFuture<ReplicaStatus> settled = awaited.computeIfAbsent(model, id -> new CompletableFuture<>());
    // Whoever writes the table then looks who waits; this thread waits and then looks at the table.
    complete(model, versions);
    return settled.minimalCompletionStage();
  }

  /** Of each version the copy on this node that is furthest. */
  synchronized void publish(Map<ModelId, ReplicaStatus> now) {
    here = Map.copyOf(now);
    publish();
  }

  /** The copies of another node; none when it is gone. */
  synchronized void heard(String node, List<ReplicaStatus> copies) {
    Map<String, List<ReplicaStatus>> next = new TreeMap<>(elsewhere);
    if (copies.isEmpty()) {
      next.remove(node);
    } else {
      next.put(node, List.copyOf(copies));
    }
    elsewhere = Collections.unmodifiableMap(next);
    publish();
  }

  private void publish() {
    Map<ModelId, ReplicaStatus> now = new HashMap<>(here);
    elsewhere.values().forEach(copies -> copies.forEach(copy -> now.merge(copy.model(), copy, ReplicaStatus::furthest)));
    Map<ModelId, ReplicaStatus> before = versions;
    versions = Map.copyOf(now);
    Set<ModelId> readyNow =
        now.values().stream()
            .filter(status -> status.state() == State.READY)
            .map(ReplicaStatus::model)
            .collect(Collectors.toUnmodifiableSet());
    if (!readyNow.equals(ready)) {
      ready = readyNow;
    }
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
          new ReplicaStatus(last.model(), last.replica(), State.FAILED, last.restarts(), Optional.of("it is no longer wanted"), 0, 0, Optional.empty()));
    }
  }
}
