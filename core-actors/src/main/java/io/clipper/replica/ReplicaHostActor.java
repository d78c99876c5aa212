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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
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
  private final HostedCopies copies = new HostedCopies();
  private final Map<Long, CompletionStage<ModelRuntime>> loading = new HashMap<>();
  /** The versions of which the metrics know a copy. */
  private Set<ModelId> counted = Set.of();
  private Running told = Running.NONE;
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
            case ReadyElsewhere(var ready) -> {
              copies.areReadyElsewhere(ready);
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
    copies.staying().forEach(this::drop);
    publish();
    return copies.isEmpty() ? retired(replyTo) : retiring(replyTo);
  }

  private Behavior<Command> retiring(ActorRef<Done> replyTo) {
    return Behaviors.receive(
        (ignored, command) -> onRetired(command),
        (ignored, signal) -> {
          onSignal(signal);
          return copies.isEmpty() ? retired(replyTo) : Behaviors.same();
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
    copies.want(want);
    copies.outdated().forEach(this::drop);
    for (Wanted version : want.versions()) {
      for (CopyId copy : version.copies()) {
        Optional<ReplicaSlot> slot = copies.of(copy);
        if (slot.isPresent()) {
          aim(slot.get(), version);
        } else if (!copies.isElsewhere(copy)) {
          load(copies.empty(version, copy.replica()));
        }
      }
    }
    settle();
  }

  private void announce(Announcement announcement, ActorRef<ReplicaStatus> replyTo) {
    Announcement.Worker worker = announcement.worker();
    timers.startSingleTimer(worker, new Leave(worker.model(), worker.url()), Announcement.LEASE);
    Optional<ReplicaSlot> known = copies.of(worker);
    ReplicaSlot slot = known.orElseGet(() -> copies.empty(announcement.wanted(), copies.freeReplica(worker.model())));
    if (known.isEmpty()) {
      copies.announced(worker, slot);
      load(slot);
    } else if (slot.state() == State.FAILED || slot.state() == State.RESTARTING) {
      load(slot);
    } else {
      aim(slot, announcement.wanted());
    }
    replyTo.tell(copies.at(slot.number()).orElse(slot).status());
  }

  private void forget(Announcement.Worker worker) {
    timers.cancel(worker);
    copies
        .forget(worker)
        .filter(slot -> slot.state() != State.DRAINING)
        .ifPresent(
            slot -> {
              context.getLog().info("the worker of {} at {} has left", worker.model(), worker.url());
              drop(slot);
              settle();
            });
  }

  private void aim(ReplicaSlot slot, Wanted version) {
    copies.put(slot.wanting(version));
    if (!slot.wanted().objective().equals(version.objective())) {
      slot.ref().ifPresent(ref -> ref.tell(new ModelReplicaActor.Aim(version.objective())));
    }
  }

  private void load(ReplicaSlot slot) {
    copies.put(slot.loading());
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
    copies.at(number).ifPresentOrElse(slot -> start(slot, runtime), runtime::close);
  }

  private void start(ReplicaSlot slot, ModelRuntime runtime) {
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
    copies.put(slot.ready(ref, nanoClock.getAsLong(), runtime.remark()));
    routers.of(slot.model()).tell(new ReplicaRouterActor.Joined(ref));
    context.getLog().info("{} is ready (copy {})", slot.model(), slot.replica());
    settle();
  }

  private void onNotLoaded(long number, Throwable cause) {
    loading.remove(number);
    copies.at(number).ifPresent(slot -> retryLater(slot.failed(describe(cause))));
    settle();
  }

  private void onStopped(ActorRef<Void> ref, String error) {
    copies
        .of(ref)
        .ifPresent(
            slot -> {
              if (slot.state() == State.DRAINING) {
                copies.remove(slot);
              } else {
                metrics.apply(slot.model()).restarted();
                retryLater(slot.stopped(error, nanoClock.getAsLong(), settings.backOff(), settings.crashLimit()));
              }
            });
    settle();
  }

  private void retryLater(ReplicaSlot slot) {
    copies.put(slot);
    if (copies.isAnnounced(slot)) {
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
    copies.at(number).filter(slot -> slot.state() == State.FAILED || slot.state() == State.RESTARTING).ifPresent(this::load);
  }

  private void settle() {
    copies.dispensable().forEach(this::drop);
    publish();
  }

  private void drop(ReplicaSlot slot) {
    timers.cancel(slot.number());
    if (slot.state() != State.READY) {
      copies.remove(slot);
      return;
    }
    copies.put(slot.draining());
    slot.ref()
        .ifPresent(
            ref -> {
              routers.left(slot.model(), ref);
              ref.tell(new ModelReplicaActor.Drain());
            });
  }

  private void publish() {
    table.publish(copies.staying().stream().map(ReplicaSlot::status).toList());
    count();
    tellOthers();
  }

  private void count() {
    Map<ModelId, Map<State, Integer>> counts = copies.counts();
    counted.stream().filter(model -> !counts.containsKey(model)).forEach(gone -> metrics.apply(gone).copies(Map.of()));
    counts.forEach((model, states) -> metrics.apply(model).copies(states));
    counted = Set.copyOf(counts.keySet());
  }

  private void tellOthers() {
    Running now = copies.running();
    if (!now.equals(told)) {
      told = now;
      telling.accept(now);
    }
  }

  private void collect(ActorRef<Replicas> replyTo) {
    List<CompletableFuture<ReplicaStatus>> statuses = copies.all().stream().map(this::status).toList();
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
