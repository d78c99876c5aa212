package io.clipper.replica;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.ReplyTo;
import io.clipper.batch.BatchLimit;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.PredictionCache;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.ReplicaHostActor.Announce;
import io.clipper.replica.ReplicaHostActor.Command;
import io.clipper.replica.ReplicaHostActor.GetReplicas;
import io.clipper.replica.ReplicaHostActor.Leave;
import io.clipper.replica.ReplicaHostActor.Replicas;
import io.clipper.replica.ReplicaHostActor.Want;
import io.clipper.replica.ReplicaStatus.State;
import io.clipper.replica.WantedReplicas.Wanted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicaHostActorTest {
  private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config().withFallback(SettingsTest.DEFAULTS));
  private static final ManualTime TIME = ManualTime.get(KIT.system());
  private static final Duration OBJECTIVE = Duration.ofMillis(50);
  private static final ModelId V1 = new ModelId("m", "1");
  private static final ModelId V2 = new ModelId("m", "2");
  private static final ModelId V3 = new ModelId("m", "3");
  private static final CopyId MOVING = new CopyId(V1, 1);
  private static final String THERE = "10.0.0.2:25520";

  private final AtomicLong clock = new AtomicLong();
  private final Loads loads = new Loads();
  private final ReplicaTable table = new ReplicaTable();
  private final AtomicReference<Running> announced = new AtomicReference<>(Running.NONE);
  private final ReplicaRouters routers =
      new ReplicaRouters(
          KIT.system(),
          new PredictionCache(new CacheSettings(0, Optional.empty()), clock::get),
          model -> false,
          RouterSettings.of(SettingsTest.DEFAULTS),
          clock::get,
          ModelReplicaActorTest.alarms(KIT, clock),
          () -> new Random(1));
  private final TestProbe<ReplicaRouterActor.Reply> asker = KIT.createTestProbe();
  private final TestProbe<Replicas> operator = KIT.createTestProbe();
  private final List<ActorRef<Command>> hosts = new ArrayList<>();
  private final ActorRef<Command> host = spawn(host());

  /** Time passes for all actors of the kit: a host that went on would load where nobody answers, and keep the loading threads. */
  @AfterEach
  void stop() {
    hosts.forEach(KIT::stop);
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  /** A model of one number that answers at once, and remembers its batches. */
  private static final class Echo implements ModelRuntime {
    private final Signature signature;
    private final List<Integer> batches = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private final CompletableFuture<CopyLostException> lost = new CompletableFuture<>();
    private volatile Optional<String> failure = Optional.empty();
    private OptionalInt maxBatchRows = OptionalInt.empty();

    private Echo(String signature) {
      this.signature = signature.isEmpty() ? fixed() : Signature.named(signature);
    }

    private static Signature fixed() {
      return new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(3L))));
    }

    private Echo failing(String message) {
      failure = Optional.of(message);
      return this;
    }

    private Echo atMost(int rows) {
      maxBatchRows = OptionalInt.of(rows);
      return this;
    }

    @Override
    public OptionalInt maxBatchRows() {
      return maxBatchRows;
    }

    @Override
    public Signature signature() {
      return signature;
    }

    @Override
    public CompletionStage<List<Output>> predict(List<Input> batch) {
      batches.add(batch.size());
      batch.forEach(signature::check);
      return failure.isPresent()
          ? CompletableFuture.failedStage(new IllegalStateException(failure.get()))
          : CompletableFuture.completedStage(batch.stream().map(input -> Output.of(signature.equals(Signature.named("strings")) ? 0.0 : 10 * HeldRuntime.number(input))).toList());
    }

    @Override
    public CompletionStage<CopyLostException> lost() {
      return lost;
    }

    @Override
    public void close() {
      closed.complete(true);
    }
  }

  /** Loading ends when the test says how, in the order in which it began. */
  private static final class Loads {
    private final BlockingQueue<CompletableFuture<ModelRuntime>> begun = new LinkedBlockingQueue<>();

    ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact) throws ModelLoadException {
      CompletableFuture<ModelRuntime> load = new CompletableFuture<>();
      begun.add(load);
      try {
        return load.get(10, SECONDS);
      } catch (Exception failed) {
        throw new ModelLoadException(String.valueOf(failed.getCause() == null ? failed : failed.getCause().getMessage()), failed);
      }
    }

    CompletableFuture<ModelRuntime> next() {
      try {
        CompletableFuture<ModelRuntime> load = begun.poll(30, SECONDS);
        assertThat(load).as("a load that began").isNotNull();
        return load;
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }

    Echo succeed() {
      Echo runtime = new Echo("doubles");
      next().complete(runtime);
      return runtime;
    }

    /** Succeeds with a copy that is gone at once. */
    void lose(String message) {
      Echo runtime = new Echo("doubles");
      runtime.lost.complete(new CopyLostException(message));
      next().complete(runtime);
    }

    void fail(String message) {
      next().completeExceptionally(new IllegalStateException(message));
    }
  }

  @Test
  void aWantedVersionIsWarmedUpAndThenAnswers() {
    want(wanted(V1, 1));
    assertThat(table.isReady(V1)).isFalse();

    Echo runtime = loads.succeed();

    assertThat(settled(V1).state()).isEqualTo(State.READY);
    assertThat(runtime.batches).containsExactly(1, 8);
    expectAnswer(V1);
    assertThat(table.ready()).containsExactly(V1);
  }

  @Test
  void eachCopyIsLoaded() {
    want(wanted(V1, 2));
    loads.succeed();
    loads.succeed();

    awaitStates(State.READY, State.READY);

    assertThat(replicas()).extracting(ReplicaStatus::replica).containsExactly(0, 1);
    awaitLimits(1, 1);
  }

  @Test
  void aLoadThatFailsIsVisibleAndTriedAgainWithLongerAndLongerPauses() {
    want(wanted(V1, 1));
    loads.fail("the file is no model");
    assertThat(settled(V1)).isEqualTo(new ReplicaStatus(V1, 0, State.FAILED, 0, Optional.of("the file is no model"), 0, 0, Optional.empty()));

    TIME.timePasses(Duration.ofMillis(1200));
    loads.fail("still none");
    awaitError("still none");
    TIME.timePasses(Duration.ofMillis(1200));
    assertThat(loads.begun).isEmpty();
    TIME.timePasses(Duration.ofMillis(1200));
    loads.succeed();

    awaitStates(State.READY);
    expectAnswer(V1);
  }

  @Test
  void aModelThatFailsOnItsOwnFixedShapeIsNotReady() throws Exception {
    want(wanted(V1, 1));
    Echo broken = new Echo("").failing("no kernel");
    loads.next().complete(broken);

    assertThat(settled(V1).lastError()).contains("the model fails on an input of zeros: no kernel");
    assertThat(broken.closed.get(30, SECONDS)).isTrue();
  }

  @Test
  void aModelOfAFreeShapeMayFailItsWarmUp() {
    want(wanted(V1, 1));
    loads.next().complete(new Echo("doubles").failing("zeros are not what I take"));

    assertThat(settled(V1).state()).isEqualTo(State.READY);
  }

  @Test
  void everyShortFormHasAWarmUp() {
    for (String type : List.of("bytes", "integers", "floats", "doubles", "strings")) {
      ModelId model = new ModelId("m-" + type, "1");
      want(new Wanted(ModelVersion.of(model, Signature.named(type), new RuntimeSpec.Onnx(), Optional.empty()), 1, OBJECTIVE));
      Echo runtime = new Echo(type);
      loads.next().complete(runtime);

      assertThat(settled(model).state()).isEqualTo(State.READY);
      assertThat(runtime.batches).containsExactly(1, 8);
    }
  }

  @Test
  void anOldVersionServesUntilTheNewOneIsWarm() throws Exception {
    want(wanted(V1, 1));
    Echo first = loads.succeed();
    awaitStates(State.READY);
    want(wanted(V1, 1), wanted(V2, 1));
    loads.succeed();
    awaitStates(State.READY, State.READY);

    want(wanted(V3, 1), wanted(V2, 1));
    CompletableFuture<ModelRuntime> third = loads.next();
    awaitStates(State.READY, State.READY, State.LOADING);
    expectAnswer(V1);
    third.complete(new Echo("doubles"));

    assertThat(first.closed.get(30, SECONDS)).isTrue();
    awaitStates(State.READY, State.READY);
    assertThat(replicas()).extracting(ReplicaStatus::model).containsExactly(V2, V3);
    assertThat(table.isReady(V1)).isFalse();
  }

  @Test
  void anOldVersionServesOnWhenNoNewOneCanBeLoaded() {
    want(wanted(V1, 1));
    loads.succeed();
    awaitStates(State.READY);

    want(wanted(V2, 1));
    loads.fail("broken");

    awaitStates(State.READY, State.FAILED);
    expectAnswer(V1);
  }

  @Test
  void whenNoVersionIsWantedAllStopAndALoadThatEndsLaterIsClosed() throws Exception {
    want(wanted(V1, 1));
    Echo first = loads.succeed();
    want(wanted(V1, 1), wanted(V2, 1));
    awaitStates(State.READY, State.LOADING);
    CompletionStage<ReplicaStatus> waiting = table.whenSettled(V2);
    CompletableFuture<ModelRuntime> late = loads.next();

    want();
    Echo second = new Echo("doubles");
    late.complete(second);

    assertThat(first.closed.get(30, SECONDS)).isTrue();
    assertThat(second.closed.get(30, SECONDS)).isTrue();
    awaitStates();
    assertThat(waiting.toCompletableFuture().get(30, SECONDS).lastError()).contains("it is no longer wanted");
  }

  @Test
  void aCopyThatStopsByItselfIsStartedAgainAndCounted() throws Exception {
    ActorRef<Command> fragile = spawn(host(model -> new ThrowsOnSecondCut()));
    TestProbe<Replicas> status = KIT.createTestProbe();
    fragile.tell(new Want(List.of(wanted(V1, 1))));
    Echo first = loads.succeed();
    settled(V1);
    expectAnswer(V1);

    ask(V1); // the replica's metrics throw
    asker.expectMessageClass(ReplicaRouterActor.Unanswered.class);
    assertThat(first.closed.get(30, SECONDS)).isTrue();
    status.awaitAssert(
        () -> {
          fragile.tell(new GetReplicas(status.ref()));
          assertThat(status.receiveMessage().statuses())
              .containsExactly(new ReplicaStatus(V1, 0, State.RESTARTING, 1, Optional.of("a bug on purpose"), 0, 0, Optional.empty()));
          return true;
        });
    TIME.timePasses(Duration.ofMillis(1200));
    loads.succeed();

    assertThat(settled(V1).restarts()).isEqualTo(1);
    expectAnswer(V1);
  }

  @Test
  void aCopyThatStopsAgainAndAgainIsMarkedAsFailedAndTriedAfterTheLongestPause() {
    Counted counted = new Counted();
    ActorRef<Command> fragile = spawn(host(model -> counted));
    TestProbe<Replicas> status = KIT.createTestProbe();
    fragile.tell(new Want(List.of(wanted(V1, 1))));
    for (int crash = 1; crash < 5; crash++) {
      loads.lose("killed");
      awaitStatus(fragile, status, new ReplicaStatus(V1, 0, State.RESTARTING, crash, Optional.of("killed"), 0, 0, Optional.empty()));
      TIME.timePasses(Duration.ofSeconds(20));
    }

    loads.lose("killed");

    String often = "it stopped 5 times within PT10M, at last as killed";
    awaitStatus(fragile, status, new ReplicaStatus(V1, 0, State.FAILED, 5, Optional.of(often), 0, 0, Optional.empty()));
    status.awaitAssert(
        () -> {
          assertThat(counted.copies).isEqualTo(Map.of(State.FAILED, 1));
          return true;
        });
    assertThat(counted.restarts).hasValue(5);
    TIME.timePasses(Duration.ofSeconds(59));
    assertThat(loads.begun).isEmpty();
    TIME.timePasses(Duration.ofSeconds(14));
    clock.addAndGet(Duration.ofMinutes(10).toNanos());
    loads.lose("killed long after");
    awaitStatus(fragile, status, new ReplicaStatus(V1, 0, State.RESTARTING, 6, Optional.of("killed long after"), 0, 0, Optional.empty()));
  }

  @Test
  void aLoadThatSucceedsIsTimedFromWhenItsCopyIsWanted() {
    Counted counted = new Counted();
    spawn(host(model -> counted)).tell(new Want(List.of(wanted(V1, 1))));
    loads.fail("no such file");
    awaitCopies(counted, State.FAILED);
    TIME.timePasses(Duration.ofSeconds(20));
    CompletableFuture<ModelRuntime> load = loads.next();
    clock.addAndGet(70);

    load.complete(new Echo("doubles"));

    awaitCopies(counted, State.READY);
    assertThat(counted.loads).containsExactly(70L);
  }

  private void awaitCopies(Counted counted, State state) {
    operator.awaitAssert(
        () -> {
          assertThat(counted.copies).isEqualTo(Map.of(state, 1));
          return true;
        });
  }

  @Test
  void aCopyThatIsMarkedAsFailedIsSoAgainWhenItStopsOnceMoreAndServesWhenItDoesNot() {
    want(wanted(V1, 1));
    for (int crash = 1; crash <= 5; crash++) {
      loads.lose("killed");
      awaitRestarts(crash);
      TIME.timePasses(Duration.ofSeconds(73));
    }

    loads.lose("killed");
    String often = "it stopped 6 times within PT10M, at last as killed";
    awaitStatus(host, operator, new ReplicaStatus(V1, 0, State.FAILED, 6, Optional.of(often), 0, 0, Optional.empty()));
    TIME.timePasses(Duration.ofSeconds(73));
    loads.succeed();

    assertThat(settled(V1)).extracting(ReplicaStatus::state, ReplicaStatus::lastError).containsExactly(State.READY, Optional.of(often));
    expectAnswer(V1);
  }

  @Test
  void aCopyThatStoppedIsBackWhileOthersAreLoadedForTheFirstTime() {
    want(wanted(V1, 1));
    Echo first = loads.succeed();
    settled(V1);
    ModelId slow = new ModelId("slow", "1");
    want(wanted(V1, 1), wanted(slow, 2));
    List<CompletableFuture<ModelRuntime>> held = List.of(loads.next(), loads.next());

    first.lost.complete(new CopyLostException("killed"));
    operator.awaitAssert(
        () -> {
          assertThat(replicas().getFirst().state()).isEqualTo(State.RESTARTING);
          return true;
        });
    TIME.timePasses(Duration.ofMillis(1200));
    loads.succeed();

    assertThat(settled(V1).restarts()).isEqualTo(1);
    expectAnswer(V1);
    held.forEach(load -> load.complete(new Echo("doubles")));
  }

  @Test
  void aServerThatDoesNotAnswerHoldsUpNoModelOfTheNodesOwn() {
    announce("grpc://one:1");
    announce("grpc://two:1");
    List<CompletableFuture<ModelRuntime>> held = List.of(loads.next(), loads.next());

    want(wanted(V2, 1));
    loads.succeed();

    assertThat(settled(V2).state()).isEqualTo(State.READY);
    held.forEach(load -> load.complete(new Echo("doubles")));
  }

  private void awaitRestarts(int restarts) {
    operator.awaitAssert(
        () -> {
          assertThat(replicas()).extracting(ReplicaStatus::restarts).containsExactly(restarts);
          return true;
        });
  }

  private static void awaitStatus(ActorRef<Command> host, TestProbe<Replicas> probe, ReplicaStatus expected) {
    probe.awaitAssert(
        () -> {
          host.tell(new GetReplicas(probe.ref()));
          assertThat(probe.receiveMessage().statuses()).containsExactly(expected);
          return true;
        });
  }

  @Test
  void aWorkerThatAnnouncesItselfIsACopyUntilItIsNotHeardOfAnyMore() throws Exception {
    announce("grpc://one:1");
    Echo one = loads.succeed();
    settled(V1);
    announce("grpc://two:1");
    Echo two = loads.succeed();
    awaitStates(State.READY, State.READY);
    assertThat(replicas()).extracting(ReplicaStatus::replica).containsExactly(0, 1);
    TIME.timePasses(Duration.ofSeconds(10));
    announce("grpc://one:1");

    TIME.timePasses(Duration.ofSeconds(10));

    assertThat(two.closed.get(30, SECONDS)).isTrue();
    awaitStates(State.READY);
    expectAnswer(V1);
    host.tell(new Leave(V1, "grpc://one:1"));
    assertThat(one.closed.get(30, SECONDS)).isTrue();
    awaitStates();
  }

  @Test
  void aWorkerThatStoppedAnsweringIsTriedAgainWhenItAnnouncesItself() {
    announce("grpc://one:1");
    loads.lose("gone");
    awaitStates(State.RESTARTING);
    TIME.timePasses(Duration.ofSeconds(5));
    assertThat(loads.begun).isEmpty();

    announce("grpc://one:1");
    loads.succeed();

    awaitStates(State.READY);
    assertThat(replicas().getFirst().restarts()).isEqualTo(1);
  }

  private void announce(String url) {
    TestProbe<ReplicaStatus> told = KIT.createTestProbe();
    host.tell(new Announce(new Announcement(version(V1), url, OBJECTIVE), told.ref()));
    assertThat(told.receiveMessage().model()).isEqualTo(V1);
  }

  @Test
  void aCopysOwnBoundIsItsBatches() {
    want(wanted(V1, 1));
    loads.next().complete(new Echo("doubles").atMost(1));
    awaitStates(State.READY);
    want(wanted(V1, 1), wanted(V2, 1));
    loads.next().complete(new Echo("doubles").atMost(1_000_000));
    awaitStates(State.READY, State.READY);

    expectAnswer(V1);
    expectAnswer(V2);

    awaitLimits(1, 2);
  }

  @Test
  void anotherObjectiveReachesACopyThatRuns() {
    want(new Wanted(version(V1), 1, Duration.ofNanos(1)));
    loads.succeed();
    settled(V1);
    want(wanted(V1, 1));

    expectAnswer(V1);

    awaitLimits(2);
  }

  private static final class ThrowsOnSecondCut extends Counted {
    private int cuts;

    @Override
    public void cut(int rows) {
      if (++cuts == 2) {
        throw new IllegalStateException("a bug on purpose");
      }
    }
  }

  private static class Counted implements ReplicaMetrics {
    private final AtomicInteger restarts = new AtomicInteger();
    private final Queue<Long> loads = new ConcurrentLinkedQueue<>();
    private volatile Map<State, Integer> copies = Map.of();

    @Override
    public void cut(int rows) {}

    @Override
    public void waited(long nanos) {}

    @Override
    public void computed(int rows, long nanos) {}

    @Override
    public void late(int rows) {}

    @Override
    public void predicted(int rows) {}

    @Override
    public void notPredicted(ModelReplicaActor.Reason reason, long nanos) {}

    @Override
    public void pending(Object copy, int rows) {}

    @Override
    public void underWay(Object copy, int batches) {}

    @Override
    public void gone(Object copy) {}

    @Override
    public void limited(Object copy, BatchLimit limit) {}

    @Override
    public void copies(Map<State, Integer> states) {
      copies = states;
    }

    @Override
    public void restarted() {
      restarts.incrementAndGet();
    }

    @Override
    public void loaded(long nanos) {
      loads.add(nanos);
    }
  }

  private ActorRef<Command> spawn(Behavior<Command> behavior) {
    ActorRef<Command> spawned = KIT.spawn(behavior);
    hosts.add(spawned);
    return spawned;
  }

  private Behavior<Command> host() {
    return host(model -> ReplicaMetrics.NONE);
  }

  private Behavior<Command> host(Function<ModelId, ReplicaMetrics> metrics) {
    ReplicaLoader loader = new ReplicaLoader(loads::load, Path::of, Duration.ofSeconds(30), LoadingThreads.of(KIT.system()));
    return ReplicaHostActor.create(
        loader, ReplicaSettings.of(SettingsTest.DEFAULTS), routers, table, announced::set, metrics, clock::get, ModelReplicaActorTest.alarms(KIT, clock), new Random(1));
  }

  @Test
  void aCopyThatMovesGoesOnceItIsReadyWhereItIsPlaced() {
    want(wanted(V1, 2));
    loads.succeed();
    loads.succeed();
    awaitStates(State.READY, State.READY);

    wantElsewhere(MOVING, wanted(V1, 2));
    assertThat(replicas()).as("not ready elsewhere").extracting(ReplicaStatus::replica).containsExactly(0, 1);
    readyOn("10.0.0.3:25520");
    assertThat(replicas()).as("ready on a node that is to be rid of it as well").extracting(ReplicaStatus::replica).containsExactly(0, 1);

    readyOn(THERE);
    awaitStates(State.READY);
    assertThat(Objects.requireNonNull(announced.get()).copies()).extracting(copy -> copy.status().replica()).containsExactly(0);
    expectAnswer(V1);
  }

  @Test
  void aCopyThatMovesServesHereWhenItIsReadyHereFirst() {
    want(wanted(V1, 2));
    loads.succeed();
    CompletableFuture<ModelRuntime> second = loads.next();
    awaitStates(State.READY, State.LOADING);

    wantElsewhere(MOVING, wanted(V1, 2));
    awaitStates(State.READY, State.LOADING);
    second.complete(new Echo("doubles"));
    awaitStates(State.READY, State.READY);

    readyOn(THERE);
    awaitStates(State.READY);
  }

  @Test
  void whereACopyHasFailedIsShownUntilItIsReadyElsewhere() {
    want(wanted(V1, 2));
    loads.succeed();
    loads.fail("no Python here");
    awaitStates(State.READY, State.FAILED);

    wantElsewhere(MOVING, wanted(V1, 2));
    awaitStates(State.READY, State.FAILED);

    readyOn(THERE);
    awaitStates(State.READY);
  }

  @Test
  void aCopyThatHasNoOtherPlaceGoesOn() {
    want(wanted(V1, 2));
    loads.succeed();
    loads.succeed();
    awaitStates(State.READY, State.READY);

    host.tell(new Want(List.of(wanted(V1, 2)), Map.of(MOVING, Optional.empty())));
    readyOn(THERE);

    assertThat(replicas()).extracting(ReplicaStatus::state).containsExactly(State.READY, State.READY);
  }

  @Test
  void aCopyOfAnotherNodeIsNotLoadedHere() {
    wantElsewhere(new CopyId(V1, 0), wanted(V1, 2));
    loads.succeed();
    awaitStates(State.READY);

    assertThat(replicas()).extracting(ReplicaStatus::replica).containsExactly(1);
  }

  @Test
  void aVersionThatCameBackWithOtherContentIsLoadedAnew() throws Exception {
    want(wanted(V1, 1));
    Echo old = loads.succeed();
    awaitStates(State.READY);
    ModelVersion other = ModelVersion.of(V1, Signature.named("doubles"), new RuntimeSpec.Onnx(), Optional.of("ab".repeat(32)));

    want(new Wanted(other, 1, OBJECTIVE));

    assertThat(old.closed.get(30, SECONDS)).as("it answers for the other no more").isTrue();
    loads.succeed();
    awaitStates(State.READY);
    want(new Wanted(other, 1, OBJECTIVE.plusMillis(1)));
    assertThat(replicas()).as("the same again").extracting(ReplicaStatus::state).containsExactly(State.READY);
    expectAnswer(V1);
  }

  @Test
  void aNodeThatStopsEndsItsCopiesAndStartsNone() throws Exception {
    want(wanted(V1, 1));
    Echo runtime = loads.succeed();
    want(wanted(V1, 1), wanted(V2, 1));
    CompletableFuture<ModelRuntime> second = loads.next();
    awaitStates(State.READY, State.LOADING);
    TestProbe<Done> stopping = KIT.createTestProbe();

    host.tell(new ReplicaHostActor.Retire(stopping.ref()));

    stopping.receiveMessage();
    assertThat(runtime.closed.get(30, SECONDS)).isTrue();
    assertThat(Objects.requireNonNull(announced.get()).copies()).as("as the others know it").isEmpty();
    want(wanted(V3, 1));
    Echo late = new Echo("doubles");
    second.complete(late);
    assertThat(late.closed.get(30, SECONDS)).isTrue();
    assertThat(replicas()).isEmpty();
    assertThat(loads.begun).isEmpty();
  }

  @Test
  void aSurplusCopyGoesOnceAnotherIsReady() {
    want(wanted(V1, 2));
    loads.succeed();
    loads.succeed();
    awaitStates(State.READY, State.READY);

    host.tell(new Want(List.of(wanted(V1, 1)), Map.of(new CopyId(V1, 0), Optional.of(THERE))));
    assertThat(replicas()).as("nothing is ready elsewhere").extracting(ReplicaStatus::state).containsExactly(State.READY, State.READY);
    host.tell(new ReplicaHostActor.ReadyElsewhere(Map.of(THERE, Set.of(new CopyId(V1, 0)))));

    awaitStates();
  }

  private void wantElsewhere(CopyId copy, Wanted... versions) {
    host.tell(new Want(List.of(versions), Map.of(copy, Optional.of(THERE))));
  }

  private void readyOn(String node) {
    host.tell(new ReplicaHostActor.ReadyElsewhere(Map.of(node, Set.of(MOVING))));
  }

  @Test
  void ofAVersionThatHasNoCopyAnyMoreTheMetricsAreToldOnce() {
    List<ModelId> told = Collections.synchronizedList(new ArrayList<>());
    Counted counted = new Counted();
    ActorRef<Command> telling =
        spawn(
            host(
                model -> {
                  told.add(model);
                  return counted;
                }));
    telling.tell(new Want(List.of(wanted(V1, 1))));
    loads.succeed();
    settled(V1);
    telling.tell(new Want(List.of(wanted(V2, 1))));
    loads.succeed();
    awaitVersions(telling, V2);
    assertThat(told).contains(V1);
    told.clear();

    telling.tell(new Want(List.of(wanted(V2, 2))));
    loads.succeed();
    awaitVersions(telling, V2, V2);

    assertThat(told).contains(V2).doesNotContain(V1);
  }

  private void awaitVersions(ActorRef<Command> of, ModelId... versions) {
    operator.awaitAssert(
        () -> {
          of.tell(new GetReplicas(operator.ref()));
          assertThat(operator.receiveMessage().statuses()).extracting(ReplicaStatus::model).containsExactly(versions);
          return true;
        });
  }

  private void want(Wanted... versions) {
    host.tell(new Want(List.of(versions)));
  }

  private static Wanted wanted(ModelId model, int replicas) {
    return new Wanted(version(model), replicas, OBJECTIVE);
  }

  private static ModelVersion version(ModelId model) {
    return ModelVersion.of(model, Signature.named("doubles"), new RuntimeSpec.Onnx(), Optional.empty());
  }

  private ReplicaStatus settled(ModelId model) {
    return table.whenSettled(model).toCompletableFuture().orTimeout(30, SECONDS).join();
  }

  private List<ReplicaStatus> replicas() {
    host.tell(new GetReplicas(operator.ref()));
    return operator.receiveMessage().statuses();
  }

  /** The states of all copies, in the order of their versions. */
  private void awaitStates(State... states) {
    operator.awaitAssert(
        () -> {
          assertThat(replicas()).extracting(ReplicaStatus::state).isEqualTo(Arrays.asList(states));
          return true;
        });
  }

  /** Of all copies, in the order of their versions; a copy that does not say at once has none. */
  private void awaitLimits(Integer... limits) {
    operator.awaitAssert(
        () -> {
          assertThat(replicas()).extracting(ReplicaStatus::batchLimit).containsExactly(limits);
          return true;
        });
  }

  private void awaitError(String message) {
    operator.awaitAssert(
        () -> {
          assertThat(replicas().getFirst().lastError()).contains(message);
          return true;
        });
  }

  private void ask(ModelId model) {
    routers.of(model).tell(new ReplicaRouterActor.Ask(Input.doubles(4), clock.get() + OBJECTIVE.toNanos(), 7, new ReplyTo.There<>(asker.ref())));
  }

  private void expectAnswer(ModelId model) {
    ask(model);
    asker.expectMessage(new ReplicaRouterActor.Answered(7, model, Output.of(40.0)));
  }
}
