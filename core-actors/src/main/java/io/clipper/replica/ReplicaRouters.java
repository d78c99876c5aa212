package io.clipper.replica;

import io.clipper.cache.PredictionCache;
import io.clipper.model.ModelId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;

/** One node's routers, one for each model version, each made when it is first asked for. Read without a lock from any thread. */
public final class ReplicaRouters {
  /** Makes names differ where a version comes back while its old router still finishes; a name taken twice is a crash. */
  private static final AtomicLong MADE = new AtomicLong();

  private final Map<ModelId, ActorRef<ReplicaRouterActor.Command>> routers = new ConcurrentHashMap<>();
  /** The copies on other nodes, for routers that are made later. */
  private final Map<ModelId, Set<ActorRef<ModelReplicaActor.Command>>> elsewhere = new ConcurrentHashMap<>();
  private final ActorSystem<?> system;
  private final PredictionCache cache;
  private final Predicate<ModelId> cached;
  private final RouterSettings settings;
  private final LongSupplier nanoClock;
  private final Alarms alarms;
  private final Supplier<RandomGenerator> randoms;

  /**
   * @param cached whether a version's answers may be kept
   * @param randoms one generator for each router: they are not shared between threads
   */
  public ReplicaRouters(
      ActorSystem<?> system,
      PredictionCache cache,
      Predicate<ModelId> cached,
      RouterSettings settings,
      LongSupplier nanoClock,
      Alarms alarms,
      Supplier<RandomGenerator> randoms) {
    this.system = system;
    this.cache = cache;
    this.cached = cached;
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.alarms = alarms;
    this.randoms = randoms;
  }

  public ActorRef<ReplicaRouterActor.Command> of(ModelId model) {
    ActorRef<ReplicaRouterActor.Command> router = routers.get(model);
    if (router != null) {
      return router;
    }
    ActorRef<ReplicaRouterActor.Command> made = routers.computeIfAbsent(model, this::make);
    // Once it can be found, so that none is missed; one that it is told of twice it knows already.
    elsewhere.getOrDefault(model, Set.of()).forEach(replica -> made.tell(new ReplicaRouterActor.Joined(replica)));
    return made;
  }

  /** A copy on another node takes queries. */
  void joined(ModelId model, ActorRef<ModelReplicaActor.Command> replica) {
    elsewhere.compute(
        model,
        (id, known) -> {
          Set<ActorRef<ModelReplicaActor.Command>> replicas = known == null ? ConcurrentHashMap.newKeySet() : known;
          replicas.add(replica);
          return replicas;
        });
    tell(model, new ReplicaRouterActor.Joined(replica));
  }

  /** A copy takes none any more. Of a version that is gone there is no router to be told, and none is made for it. */
  void left(ModelId model, ActorRef<ModelReplicaActor.Command> replica) {
    forget(model, replica);
    tell(model, new ReplicaRouterActor.Left(replica));
  }

  /** The node of a copy does not answer. */
  void unreachable(ModelId model, ActorRef<ModelReplicaActor.Command> replica) {
    forget(model, replica);
    tell(model, new ReplicaRouterActor.Unreachable(replica));
  }

  private void forget(ModelId model, ActorRef<ModelReplicaActor.Command> replica) {
    elsewhere.computeIfPresent(
        model,
        (id, replicas) -> {
          replicas.remove(replica);
          return replicas.isEmpty() ? null : replicas;
        });
  }

  private void tell(ModelId model, ReplicaRouterActor.Command command) {
    ActorRef<ReplicaRouterActor.Command> router = routers.get(model);
    if (router != null) {
      router.tell(command);
    }
  }

  /** Closes the routers of all other versions. */
  public void keepOnly(Collection<ModelId> models) {
    Set<ModelId> kept = Set.copyOf(models);
    routers
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !kept.contains(entry.getKey());
              if (gone) {
                entry.getValue().tell(new ReplicaRouterActor.Close());
              }
              return gone;
            });
  }

  private ActorRef<ReplicaRouterActor.Command> make(ModelId model) {
    String name = "replica-router-%s-%d".formatted(URLEncoder.encode(model.toString(), StandardCharsets.UTF_8), MADE.incrementAndGet());
    return system.systemActorOf(
        ReplicaRouterActor.create(model, () -> cached.test(model), cache, settings, nanoClock, alarms, randoms.get()), name, Props.empty());
  }
}
