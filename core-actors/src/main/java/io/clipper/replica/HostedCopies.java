package io.clipper.replica;

import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaHostActor.Want;
import io.clipper.replica.ReplicaStatus.State;
import io.clipper.replica.WantedReplicas.Wanted;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;

/** The copies that one node has, whatever their state, and which of them are outdated or may go. Belongs to its host alone. */
final class HostedCopies {
  private final Map<Long, ReplicaSlot> slots = new TreeMap<>();
  /** The slots of those who announced themselves: nobody wants them, and they stay. */
  private final Map<Announcement.Worker, Long> announced = new HashMap<>();
  private List<Wanted> wanted = List.of();
  private Map<CopyId, Optional<String>> elsewhere = Map.of();
  private Map<String, Set<CopyId>> readyElsewhere = Map.of();
  private long slotsMade;

  void want(Want want) {
    wanted = want.versions();
    elsewhere = want.elsewhere();
  }

  /** By node. */
  void areReadyElsewhere(Map<String, Set<CopyId>> copies) {
    readyElsewhere = copies;
  }

  /** A place for a copy, under a number of its own; it counts once it is {@link #put}. */
  ReplicaSlot empty(Wanted version, int replica) {
    return ReplicaSlot.empty(slotsMade++, version, replica);
  }

  void put(ReplicaSlot slot) {
    slots.put(slot.number(), slot);
  }

  void remove(ReplicaSlot slot) {
    slots.remove(slot.number());
  }

  Optional<ReplicaSlot> at(long number) {
    return Optional.ofNullable(slots.get(number));
  }

  Optional<ReplicaSlot> of(ActorRef<Void> ref) {
    return slots.values().stream().filter(slot -> slot.ref().filter(own -> own.path().equals(ref.path())).isPresent()).findFirst();
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  /** In the order in which their places were made. */
  List<ReplicaSlot> all() {
    return List.copyOf(slots.values());
  }

  /** Without those that only finish what they have. */
  List<ReplicaSlot> staying() {
    return slots.values().stream().filter(slot -> slot.state() != State.DRAINING).toList();
  }

  /** That copy of a version, unless it drains. */
  Optional<ReplicaSlot> of(CopyId copy) {
    return staying().stream().filter(slot -> slot.copy().equals(copy)).findFirst();
  }

  int freeReplica(ModelId model) {
    int free = 0;
    while (of(new CopyId(model, free)).isPresent()) {
      free++;
    }
    return free;
  }

  void announced(Announcement.Worker worker, ReplicaSlot slot) {
    announced.put(worker, slot.number());
  }

  Optional<ReplicaSlot> of(Announcement.Worker worker) {
    return Optional.ofNullable(announced.get(worker)).flatMap(this::at);
  }

  /** It is like any other from now on; empty where it has no place. */
  Optional<ReplicaSlot> forget(Announcement.Worker worker) {
    return Optional.ofNullable(announced.remove(worker)).flatMap(this::at);
  }

  boolean isAnnounced(ReplicaSlot slot) {
    return announced.containsValue(slot.number());
  }

  /** Whether it is another node's, or has no place. */
  boolean isElsewhere(CopyId copy) {
    return elsewhere.containsKey(copy);
  }

  /** Those of a version that was deleted and came back with other content, without this node hearing of the time between. */
  List<ReplicaSlot> outdated() {
    Map<ModelId, ModelVersion> versions = wanted.stream().map(Wanted::version).collect(Collectors.toMap(ModelVersion::id, version -> version));
    Predicate<ReplicaSlot> isOther =
        slot -> {
          ModelVersion version = versions.get(slot.model());
          return version != null && !slot.runs(version);
        };
    return staying().stream().filter(slot -> !isAnnounced(slot) && isOther.test(slot)).toList();
  }

  /**
   * What is not wanted goes, once its model's wanted copies are settled and one of them is ready, or none is wanted any more; of a version
   * that is wanted in fewer copies, once another copy is ready; what is another node's goes once it is ready there, also if it loads or has
   * failed here: the first that is ready serves, and the others know where it failed.
   */
  List<ReplicaSlot> dispensable() {
    return staying().stream().filter(slot -> !isWanted(slot) && mayGo(slot)).toList();
  }

  private boolean mayGo(ReplicaSlot unwanted) {
    Optional<String> place = elsewhere.get(unwanted.copy());
    if (place != null) {
      return place.filter(node -> readyElsewhere.getOrDefault(node, Set.of()).contains(unwanted.copy())).isPresent();
    }
    if (unwanted.state() != State.READY) {
      return true;
    }
    Optional<Wanted> version = wanted.stream().filter(still -> still.version().id().equals(unwanted.model())).findFirst();
    if (version.isPresent()) {
      return version.get().replicas() == 0 || isReadyBeside(unwanted);
    }
    List<ReplicaSlot> successors =
        staying().stream().filter(slot -> slot.model().name().equals(unwanted.model().name()) && isWanted(slot)).toList();
    return successors.isEmpty()
        || (successors.stream().allMatch(ReplicaSlot::isSettled) && successors.stream().anyMatch(slot -> slot.state() == State.READY));
  }

  /** Whether another copy of its version takes queries, here or elsewhere. */
  private boolean isReadyBeside(ReplicaSlot surplus) {
    return slots.values().stream().anyMatch(slot -> slot.model().equals(surplus.model()) && slot.state() == State.READY && isWanted(slot))
        || readyElsewhere.values().stream().flatMap(Set::stream).anyMatch(copy -> copy.model().equals(surplus.model()));
  }

  private boolean isWanted(ReplicaSlot slot) {
    boolean isMine = !isElsewhere(slot.copy()) && wanted.stream().anyMatch(version -> version.wants(slot.copy()));
    return isMine || isAnnounced(slot);
  }

  /** How many of each version are in each state. */
  Map<ModelId, Map<State, Integer>> counts() {
    Map<ModelId, Map<State, Integer>> counts = new HashMap<>();
    for (ReplicaSlot slot : slots.values()) {
      counts.computeIfAbsent(slot.model(), model -> new EnumMap<>(State.class)).merge(slot.state(), 1, Integer::sum);
    }
    return counts;
  }

  /** What other nodes are told. */
  Running running() {
    return new Running(staying().stream().map(ReplicaSlot::running).toList());
  }
}
