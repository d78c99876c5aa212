package io.clipper.replica;

import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaStatus.State;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The model versions as this node's host and the other nodes last told of them, and where the placement has them; read without a lock from
 * any thread.
 */
public final class ReplicaTable {
  /** A version that so many nodes could not load is at fault itself, as far as whoever deployed it is told. */
  private static final int TRIED = 3;

  private final Map<ModelId, CompletableFuture<ReplicaStatus>> awaited = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> ownSettled = new CompletableFuture<>();
  private final CompletableFuture<Void> handedOver = new CompletableFuture<>();
  private boolean leaves;
  private List<ReplicaStatus> here = List.of();
  private Set<ModelId> known = Set.of();
  private Placing placing = Placing.UNKNOWN;
  private volatile List<ReplicaStatus> nowhere = List.of();
  private volatile Map<String, List<ReplicaStatus>> elsewhere = Map.of();
  private volatile Map<ModelId, ReplicaStatus> versions = Map.of();
  private volatile Map<ModelId, ReplicaStatus> settled = Map.of();
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

  /** The copies that are wanted and that no node may run, of versions that run nowhere; each as failed with the reason. */
  public List<ReplicaStatus> nowhere() {
    return nowhere;
  }

  /**
   * Completes when a copy of that version takes queries, or when it cannot be loaded: when none is under way any more, and all nodes that may
   * run it have failed, or several (it is tried again, but whoever deployed it should hear of it). So it does when no node may run it. A
   * version that the host is never asked for never settles: the caller has a timeout.
   */
  public CompletionStage<ReplicaStatus> whenSettled(ModelId model) {
    CompletableFuture<ReplicaStatus> outcome = awaited.computeIfAbsent(model, id -> new CompletableFuture<>());
    // Whoever writes the table then looks who waits; this thread waits and then looks at the table.
    complete(model, settled.get(model));
    return outcome.minimalCompletionStage();
  }

  /** Completes when each copy that the placement has on this node takes queries, or has failed once. */
  CompletionStage<Void> whenOwnSettled() {
    return ownSettled.minimalCompletionStage();
  }

  /** Completes when the placement reckons with this node no more, and what was ready here is so where it is placed now, or may run nowhere else. */
  synchronized CompletionStage<Void> whenHandedOver() {
    leaves = true;
    lookAtOwn();
    return handedOver.minimalCompletionStage();
  }

  /** All copies on this node. */
  synchronized void publish(List<ReplicaStatus> now) {
    here = List.copyOf(now);
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

  /** Where copies are to run now. */
  synchronized void placed(Placing now) {
    placing = now;
    publish();
  }

  private void publish() {
    Map<ModelId, ReplicaStatus> now = new HashMap<>();
    copies().forEach(copy -> now.merge(copy.model(), copy, ReplicaStatus::furthest));
    nowhere = placing.nowhere().stream().filter(copy -> !now.containsKey(copy.model())).toList();
    nowhere.forEach(copy -> now.putIfAbsent(copy.model(), copy));
    versions = Map.copyOf(now);
    settled = now.values().stream().filter(this::isSettled).collect(Collectors.toUnmodifiableMap(ReplicaStatus::model, status -> status));
    Set<ModelId> readyNow =
        now.values().stream()
            .filter(status -> status.state() == State.READY)
            .map(ReplicaStatus::model)
            .collect(Collectors.toUnmodifiableSet());
    if (!readyNow.equals(ready)) {
      ready = readyNow;
    }
    awaited.keySet().forEach(model -> complete(model, settled.get(model)));
    abandonUnknown(now.keySet());
    lookAtOwn();
  }

  /** On all nodes. */
  private Stream<ReplicaStatus> copies() {
    return Stream.concat(here.stream(), elsewhere.values().stream().flatMap(List::stream));
  }

  private boolean isSettled(ReplicaStatus furthest) {
    if (furthest.state() != State.FAILED) {
      return furthest.state() == State.READY;
    }
    ModelId model = furthest.model();
    long failedOn =
        Stream.concat(Stream.of(here), elsewhere.values().stream())
            .filter(ofNode -> ofNode.stream().anyMatch(copy -> copy.model().equals(model) && copy.hasFailed()))
            .count();
    return failedOn >= Math.min(TRIED, placing.mayRun().getOrDefault(model, 1))
        && copies().noneMatch(copy -> copy.model().equals(model) && copy.isUnderWay());
  }

  private void complete(ModelId model, @Nullable ReplicaStatus status) {
    if (status != null) {
      CompletableFuture<ReplicaStatus> outcome = awaited.remove(model);
      if (outcome != null) {
        outcome.complete(status);
      }
    }
  }

  /** Between two nodes a copy may be on none for a moment: it is still wanted. */
  private void abandonUnknown(Set<ModelId> found) {
    Set<ModelId> before = known;
    Set<ModelId> now = new HashSet<>(found);
    now.addAll(placing.mayRun().keySet());
    known = now;
    before.stream()
        .filter(model -> !now.contains(model))
        .forEach(model -> complete(model, ReplicaStatus.nowhere(new CopyId(model, 0), "it is no longer wanted")));
  }

  private void lookAtOwn() {
    Map<CopyId, ReplicaStatus> own = new HashMap<>();
    here.forEach(copy -> own.put(copy.copy(), copy));
    if (placing.here().filter(copies -> copies.stream().allMatch(copy -> hasBeenTried(own.get(copy)))).isPresent()) {
      ownSettled.complete(null);
    }
    boolean holds = here.stream().anyMatch(copy -> copy.state() == State.READY && placing.mayRun().getOrDefault(copy.model(), 0) > 0);
    if (leaves && placing.here().isEmpty() && !holds) {
      handedOver.complete(null);
    }
  }

  private static boolean hasBeenTried(@Nullable ReplicaStatus copy) {
    return copy != null && (copy.state() != State.LOADING || copy.lastError().isPresent());
  }
}
