package io.clipper.replica;

import io.clipper.Answers;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.replica.ReplicaStatus.State;
import io.clipper.replica.WantedReplicas.Wanted;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One node's copies of models: loads what is wanted, tells its router when it is warm, starts again what stopped, and stops what is no
 * longer wanted once its successor is warm.
 */
public final class ReplicaHostActor {
  public sealed interface Command {}

  /**
   * All that the nodes should run from now on.
   *
   * @param elsewhere the copies that are not this node's, by the node that each is placed on; empty for one that has no place
   */
  public record Want(List<Wanted> versions, Map<CopyId, Optional<String>> elsewhere) implements Command {
    public Want {
      versions = List.copyOf(versions);
      elsewhere = Map.copyOf(elsewhere);
    }

    /** All of it here. */
    public Want(List<Wanted> versions) {
      this(versions, Map.of());
    }
  }

  /** The copies that other nodes have ready, by node: one that moves goes when it is ready where it is placed. */
  public record ReadyElsewhere(Map<String, Set<CopyId>> copies) implements Command {
    public ReadyElsewhere {
      copies = Map.copyOf(copies);
    }
  }

  /** The node stops: no copy takes anything new, and none is started. Answered when all have done what they had. */
  public record Retire(ActorRef<Done> replyTo) implements Command {}

  /** Uses a worker that was started elsewhere, until it leaves or is not heard of any more; answers how it is doing. */
  public record Announce(Announcement announcement, ActorRef<ReplicaStatus> replyTo) implements Command {}

  /** That worker takes nothing new. */
  public record Leave(ModelId model, String url) implements Command {}

  public record GetReplicas(ActorRef<Replicas> replyTo) implements Command {}

  private record Loaded(long slot, ModelRuntime runtime) implements Command {}

  private record NotLoaded(long slot, Throwable cause) implements Command {}

  private record Retry(long slot) implements Command {}

  private record Collected(List<ReplicaStatus> statuses, ActorRef<Replicas> replyTo) implements Command {}

  /** In the order of model, version and number. */
  public record Replicas(List<ReplicaStatus> statuses) {
    public Replicas {
      statuses = List.copyOf(statuses);
    }
  }

  /** A replica answers from its memory; slower is only one that has just stopped, or a node without a free thread. */
  private static final Duration STATUS_TIMEOUT = Duration.ofMillis(200);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final ReplicaLoader loader;
  private final ReplicaSettings settings;
  private final ReplicaRouters routers;
  private final ReplicaTable table;
  private final Consumer<Running> telling;
  private final Function<ModelId, ReplicaMetrics> metrics;
  private final LongSupplier nanoClock;
  private final Alarms alarms;
  private final RandomGenerator random;
  private final Map<Long, ReplicaSlot> slots = new TreeMap<>();
  private final Map<Long, CompletionStage<ModelRuntime>> loading = new HashMap<>();
  private List<Wanted> wanted = List.of();
  /** The slots of those who announced themselves. */
  private final Map<Announcement.Worker, Long> announced = new HashMap<>();
  /** The versions of which the metrics know a copy. */
  private Set<ModelId> counted = Set.of();
  private Map<CopyId, Optional<String>> elsewhere = Map.of();
  private Map<String, Set<CopyId>> readyElsewhere = Map.of();
  private Running told = Running.NONE;
  private long slotsMade;
  private long replicasMade;

  private ReplicaHostActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ReplicaLoader loader,
      ReplicaSettings settings,
      ReplicaRouters routers,
      ReplicaTable table,
      Consumer<Running> telling,
      Function<ModelId, ReplicaMetrics> metrics,
      LongSupplier nanoClock,
      Alarms alarms,
      RandomGenerator random) {
    this.context = context;
    this.timers = timers;
    this.loader = loader;
    this.settings = settings;
    this.routers = routers;
    this.table = table;
    this.telling = telling;
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.alarms = alarms;
    this.random = random;
  }

  /**
   * @param telling takes this node's copies at every change, for the other nodes
   */
  public static Behavior<Command> create(
      ReplicaLoader loader,
      ReplicaSettings settings,
      ReplicaRouters routers,
      ReplicaTable table,
      Consumer<Running> telling,
      Function<ModelId, ReplicaMetrics> metrics,
      LongSupplier nanoClock,
      Alarms alarms,
      RandomGenerator random) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new ReplicaHostActor(context, timers, loader, settings, routers, table, telling, metrics, nanoClock, alarms, random).hosting()));
  }

  private Behavior<Command> hosting() {
    return Behaviors.receive(
        (ignored, command) -> {
          switch (command) {
            case Want want -> want(want);
            case Announce(var announcement, var replyTo) -> announce(announcement, replyTo);
            case Leave(var model, var url) -> forget(new Announcement.Worker(model, url));
            case ReadyElsewhere(var copies) -> {
              readyElsewhere = copies;
              settle();
            }
            case Retire(var replyTo) -> {
              return retire(replyTo);
            }
            case Loaded(var slot, var runtime) -> onLoaded(slot, runtime);
            case NotLoaded(var slot, var cause) -> onNotLoaded(slot, cause);
            case Retry(var slot) -> retry(slot);
            case GetReplicas(var replyTo) -> collect(replyTo);
            case Collected(var statuses, var replyTo) -> replyTo.tell(new Replicas(statuses));
          }
          return Behaviors.same();
        },
        (ignored, signal) -> onSignal(signal));
  }

  private Behavior<Command> retire(ActorRef<Done> replyTo) {
    List.copyOf(slots.values()).stream().filter(slot -> slot.state() != State.DRAINING).forEach(this::drop);
    publish();
    return slots.isEmpty() ? retired(replyTo) : retiring(replyTo);
  }

  private Behavior<Command> retiring(ActorRef<Done> replyTo) {
    return Behaviors.receive(
        (ignored, command) -> onRetired(command),
        (ignored, signal) -> {
          onSignal(signal);
          return slots.isEmpty() ? retired(replyTo) : Behaviors.same();
        });
  }

  private Behavior<Command> retired(ActorRef<Done> replyTo) {
    replyTo.tell(Done.getInstance());
    return Behaviors.receive((ignored, command) -> onRetired(command), (ignored, signal) -> onSignal(signal));
  }

  private Behavior<Command> onRetired(Command command) {
    switch (command) {
      case Loaded(var slot, var runtime) -> onLoaded(slot, runtime);
      case NotLoaded(var slot, var cause) -> loading.remove(slot);
      case GetReplicas(var replyTo) -> collect(replyTo);
      case Collected(var statuses, var replyTo) -> replyTo.tell(new Replicas(statuses));
      case Want want -> { }
      case Announce announce -> { }
      case Leave leave -> { }
      case ReadyElsewhere ready -> { }
      case Retry retry -> { }
      case Retire retire -> { }
    }
    return Behaviors.same();
  }

  private Behavior<Command> onSignal(Signal signal) {
    switch (signal) {
      case ChildFailed failed -> onStopped(failed.getRef(), describe(failed.getCause()));
      case Terminated terminated -> onStopped(terminated.getRef(), "the replica stopped");
      case PostStop stopping -> loading.values().forEach(runtime -> runtime.thenAccept(ModelRuntime::close));
      default -> { }
    }
    return Behaviors.same();
  }

  private void want(Want want) {
    wanted = want.versions();
    elsewhere = want.elsewhere();
    dropOthersOfTheName();
    for (Wanted version : wanted) {
      for (CopyId copy : version.copies()) {
        Optional<ReplicaSlot> slot = slot(version.version().id(), copy.replica());
        if (slot.isPresent()) {
          aim(slot.get(), version);
        } else if (!elsewhere.containsKey(copy)) {
          load(ReplicaSlot.empty(slotsMade++, version, copy.replica()));
        }
      }
    }
    settle();
  }

  /** A version that was deleted and came back with other content, without this node hearing of the time between, answers no more as it did. */
  private void dropOthersOfTheName() {
    Map<ModelId, ModelVersion> versions = wanted.stream().map(Wanted::version).collect(Collectors.toMap(ModelVersion::id, version -> version));
    for (ReplicaSlot slot : List.copyOf(slots.values())) {
      ModelVersion version = versions.get(slot.model());
      if (version != null && slot.state() != State.DRAINING && !announced.containsValue(slot.number()) && !slot.runs(version)) {
        drop(slot);
      }
    }
  }

  private void announce(Announcement announcement, ActorRef<ReplicaStatus> replyTo) {
    Announcement.Worker worker = announcement.worker();
    timers.startSingleTimer(worker, new Leave(worker.model(), worker.url()), Announcement.LEASE);
    Long known = announced.get(worker);
    ReplicaSlot slot = known == null ? null : slots.get(known);
    if (slot == null) {
      slot = ReplicaSlot.empty(slotsMade++, announcement.wanted(), freeReplica(worker.model()));
      announced.put(worker, slot.number());
      load(slot);
    } else if (slot.state() == State.FAILED || slot.state() == State.RESTARTING) {
      load(slot);
    } else {
      aim(slot, announcement.wanted());
    }
    replyTo.tell(slots.getOrDefault(slot.number(), slot).status());
  }

  private int freeReplica(ModelId model) {
    int free = 0;
    while (slot(model, free).isPresent()) {
      free++;
    }
    return free;
  }

  private void forget(Announcement.Worker worker) {
    timers.cancel(worker);
    Long number = announced.remove(worker);
    ReplicaSlot slot = number == null ? null : slots.get(number);
    if (slot != null && slot.state() != State.DRAINING) {
      context.getLog().info("the worker of {} at {} has left", worker.model(), worker.url());
      drop(slot);
      settle();
    }
  }

  private void aim(ReplicaSlot slot, Wanted version) {
    slots.put(slot.number(), slot.wanting(version));
    if (!slot.wanted().objective().equals(version.objective())) {
      slot.ref().ifPresent(ref -> ref.tell(new ModelReplicaActor.Aim(version.objective())));
    }
  }

  private void load(ReplicaSlot slot) {
    slots.put(slot.number(), slot.loading());
    publish(); // before the load can end: who waits for this attempt must not be told of the last
    long wantedAt = nanoClock.getAsLong();
    CompletionStage<ModelRuntime> runtime =
        loader
            .load(slot.wanted().version(), slot.restarts() > 0)
            .thenApply(loaded -> timed(loaded, slot.model(), nanoClock.getAsLong() - wantedAt));
    loading.put(slot.number(), runtime);
    context.pipeToSelf(
        runtime, (loaded, cause) -> cause == null ? new Loaded(slot.number(), loaded) : new NotLoaded(slot.number(), cause));
  }

  private ModelRuntime timed(ModelRuntime loaded, ModelId model, long nanos) {
    metrics.apply(model).loaded(nanos);
    return loaded;
  }

  private void onLoaded(long number, ModelRuntime runtime) {
    loading.remove(number);
    ReplicaSlot slot = slots.get(number);
    if (slot == null) {
      runtime.close();
      return;
    }
    ModelVersion version = slot.wanted().version();
    Behavior<ModelReplicaActor.Command> behavior =
        ModelReplicaActor.create(
            runtime,
            settings.batching().upTo(runtime.maxBatchRows()).controller(version, slot.wanted().objective()),
            settings.queueLimit(),
            settings.batching().depth(version),
            metrics.apply(slot.model()),
            nanoClock,
            alarms);
    String name = "%s-%d".formatted(URLEncoder.encode(slot.model().toString(), StandardCharsets.UTF_8), replicasMade++);
    ActorRef<ModelReplicaActor.Command> ref = context.spawn(behavior, name);
    context.watch(ref);
    slots.put(number, slot.ready(ref, nanoClock.getAsLong(), runtime.remark()));
    routers.of(slot.model()).tell(new ReplicaRouterActor.Joined(ref));
    context.getLog().info("{} is ready (copy {})", slot.model(), slot.replica());
    settle();
  }

  private void onNotLoaded(long number, Throwable cause) {
    loading.remove(number);
    ReplicaSlot slot = slots.get(number);
    if (slot != null) {
      retryLater(slot.failed(describe(cause)));
    }
    settle();
  }

  private void onStopped(ActorRef<Void> ref, String error) {
    Optional<ReplicaSlot> stopped =
        slots.values().stream().filter(slot -> slot.ref().filter(own -> own.path().equals(ref.path())).isPresent()).findFirst();
    stopped.ifPresent(
        slot -> {
          if (slot.state() == State.DRAINING) {
            slots.remove(slot.number());
          } else {
            metrics.apply(slot.model()).restarted();
            retryLater(slot.stopped(error, nanoClock.getAsLong(), settings.backOff(), settings.crashLimit()));
          }
        });
    settle();
  }

  private void retryLater(ReplicaSlot slot) {
    slots.put(slot.number(), slot);
    if (announced.containsValue(slot.number())) {
      context.getLog().warn("{} is tried again when its worker announces itself: {}", slot.model(), slot.lastError().orElse(""));
      routers.of(slot.model()).tell(new ReplicaRouterActor.Restarting(Announcement.LEASE));
      return;
    }
    Duration pause = slot.pause(settings.backOff(), settings.crashLimit(), random);
    routers.of(slot.model()).tell(new ReplicaRouterActor.Restarting(pause));
    context
        .getLog()
        .warn("{} (copy {}) is tried again in {} ms: {}", slot.model(), slot.replica(), pause.toMillis(), slot.lastError().orElse(""));
    timers.startSingleTimer(slot.number(), new Retry(slot.number()), pause);
  }

  private void retry(long number) {
    ReplicaSlot slot = slots.get(number);
    if (slot != null && (slot.state() == State.FAILED || slot.state() == State.RESTARTING)) {
      load(slot);
    }
  }

  /**
   * What is not wanted goes, once its model's wanted copies are settled and one of them is ready, or none is wanted any more; of a version
   * that is wanted in fewer copies, once another copy is ready; what is
   * another node's goes once it is ready there, also if it loads or has failed here: the first that is ready serves, and the others know
   * where it failed.
   */
  private void settle() {
    for (ReplicaSlot slot : List.copyOf(slots.values())) {
      if (slot.state() != State.DRAINING && !isWanted(slot) && mayGo(slot)) {
        drop(slot);
      }
    }
    publish();
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
        slots.values().stream()
            .filter(slot -> slot.model().name().equals(unwanted.model().name()) && slot.state() != State.DRAINING && isWanted(slot))
            .toList();
    return successors.isEmpty()
        || (successors.stream().allMatch(ReplicaSlot::isSettled) && successors.stream().anyMatch(slot -> slot.state() == State.READY));
  }

  /** Whether another copy of its version takes queries, here or elsewhere. */
  private boolean isReadyBeside(ReplicaSlot surplus) {
    return slots.values().stream().anyMatch(slot -> slot.model().equals(surplus.model()) && slot.state() == State.READY && isWanted(slot))
        || readyElsewhere.values().stream().flatMap(Set::stream).anyMatch(copy -> copy.model().equals(surplus.model()));
  }

  private void drop(ReplicaSlot slot) {
    timers.cancel(slot.number());
    if (slot.state() != State.READY) {
      slots.remove(slot.number());
      return;
    }
    slots.put(slot.number(), slot.draining());
    slot.ref()
        .ifPresent(
            ref -> {
              routers.left(slot.model(), ref);
              ref.tell(new ModelReplicaActor.Drain());
            });
  }

  private boolean isWanted(ReplicaSlot slot) {
    boolean isMine =
        !elsewhere.containsKey(slot.copy())
            && wanted.stream().anyMatch(version -> version.wants(slot.copy()));
    return isMine || announced.containsValue(slot.number());
  }

  private Optional<ReplicaSlot> slot(ModelId model, int replica) {
    return slots.values().stream()
        .filter(slot -> slot.model().equals(model) && slot.replica() == replica && slot.state() != State.DRAINING)
        .findFirst();
  }

  private void publish() {
    table.publish(slots.values().stream().filter(slot -> slot.state() != State.DRAINING).map(ReplicaSlot::status).toList());
    count();
    tellOthers();
  }

  private void count() {
    Map<ModelId, Map<State, Integer>> copies = new HashMap<>();
    counted.forEach(model -> copies.put(model, Map.of()));
    for (ReplicaSlot slot : slots.values()) {
      copies.merge(slot.model(), Map.of(slot.state(), 1), ReplicaHostActor::sum);
    }
    copies.forEach((model, states) -> metrics.apply(model).copies(states));
    counted = slots.values().stream().map(ReplicaSlot::model).collect(Collectors.toUnmodifiableSet());
  }

  private static Map<State, Integer> sum(Map<State, Integer> one, Map<State, Integer> other) {
    Map<State, Integer> sum = new EnumMap<>(State.class);
    sum.putAll(one);
    other.forEach((state, copies) -> sum.merge(state, copies, Integer::sum));
    return sum;
  }

  private void tellOthers() {
    Running now = new Running(slots.values().stream().filter(slot -> slot.state() != State.DRAINING).map(ReplicaSlot::running).toList());
    if (!now.equals(told)) {
      told = now;
      telling.accept(now);
    }
  }

  private void collect(ActorRef<Replicas> replyTo) {
    List<CompletableFuture<ReplicaStatus>> statuses = slots.values().stream().map(this::status).toList();
    context.pipeToSelf(
        CompletableFuture.allOf(statuses.toArray(CompletableFuture[]::new)),
        (all, cause) ->
            new Collected(
                statuses.stream()
                    .map(CompletableFuture::join)
                    .sorted(Comparator.comparing(ReplicaStatus::model).thenComparing(ReplicaStatus::replica))
                    .toList(),
                replyTo));
  }

  private CompletableFuture<ReplicaStatus> status(ReplicaSlot slot) {
    if (slot.ref().isEmpty()) {
      return CompletableFuture.completedFuture(slot.status());
    }
    CompletionStage<ModelReplicaActor.Status> status =
        Answers.here(AskPattern.ask(slot.ref().get(), ModelReplicaActor.GetStatus::new, STATUS_TIMEOUT, context.getSystem().scheduler()));
    return status
        .thenApply(slot::status)
        .exceptionally(stoppedMeanwhile -> slot.status())
        .toCompletableFuture()
        .completeOnTimeout(slot.status(), STATUS_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String describe(Throwable cause) {
    Throwable root = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
