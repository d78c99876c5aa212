package io.clipper.replica;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.batch.Aimd;
import io.clipper.batch.BatchController;
import io.clipper.batch.BatchLimit;
import io.clipper.batch.Delayed;
import io.clipper.batch.Fixed;
import io.clipper.batch.RateMatched;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.replica.ModelReplicaActor.Cancel;
import io.clipper.replica.ModelReplicaActor.Command;
import io.clipper.replica.ModelReplicaActor.Drain;
import io.clipper.replica.ModelReplicaActor.GetStatus;
import io.clipper.replica.ModelReplicaActor.NotPredicted;
import io.clipper.replica.ModelReplicaActor.Postpone;
import io.clipper.replica.ModelReplicaActor.Predict;
import io.clipper.replica.ModelReplicaActor.Predicted;
import io.clipper.replica.ModelReplicaActor.Reason;
import io.clipper.replica.ModelReplicaActor.Reply;
import io.clipper.replica.ModelReplicaActor.Status;
import io.clipper.wire.WireSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ModelReplicaActorTest {
  private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config());
  private static final ManualTime TIME = ManualTime.get(KIT.system());
  private static final Duration LONG = Duration.ofSeconds(10);

  private final AtomicLong clock = new AtomicLong();
  private final HeldRuntime runtime = new HeldRuntime();
  private final TestProbe<Reply> client = KIT.createTestProbe();
  private final TestProbe<Status> observer = KIT.createTestProbe();
  private final ActorRef<Command> replica = spawn(new Fixed(10), 100, ReplicaMetrics.NONE);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void theFirstIsSentAtOnceAndPredictionsThatArriveDuringABatchLeaveTogether() {
    predict(1, 2, 3);

    runtime.returnBatch(1);
    expectPredicted(client, 1, Output.of(10.0));
    runtime.returnBatch(2, 3);
    expectPredicted(client, 2, Output.of(20.0));
    expectPredicted(client, 3, Output.of(30.0));
    expectStatus(0, 0);
  }

  @Test
  void anAnswerTellsForHowLongItWasHere() {
    predict(1);
    expectStatus(0, 1);
    clock.addAndGet(Duration.ofMillis(7).toNanos());
    runtime.returnBatch(1);

    assertThat(client.expectMessageClass(Predicted.class).heldNanos()).hasValue(Duration.ofMillis(7).toNanos());
  }

  @Test
  void aBatchHasNoMoreRowsThanItsSize() {
    ActorRef<Command> narrow = spawn(new Fixed(2), 100, ReplicaMetrics.NONE);
    for (int i = 1; i <= 4; i++) {
      narrow.tell(new Predict(i, Input.doubles(i), in(LONG), client.ref()));
    }

    runtime.returnBatch(1);
    runtime.returnBatch(2, 3);
    runtime.returnBatch(4);
  }

  @Test
  void theEarliestDeadlineLeavesFirst() {
    predict(1);
    predict(2, Duration.ofMillis(300));
    predict(3, Duration.ofMillis(100));
    predict(4, Duration.ofMillis(200));

    runtime.returnBatch(1);

    runtime.returnBatch(3, 4, 2);
  }

  @Test
  void aBatchHasUntilItsLatestMembersDeadlineAndASecondForLateAnswers() {
    predict(1, Duration.ofMillis(700));
    predict(2, Duration.ofMillis(300));
    predict(3, Duration.ofMillis(500));
    expectStatus(2, 1);
    clock.addAndGet(Duration.ofMillis(40).toNanos());

    HeldRuntime.Batch alone = runtime.expect(1);
    alone.outputs().complete(List.of(Output.of(10.0)));
    HeldRuntime.Batch together = runtime.expect(2, 3);

    assertThat(alone.budget()).isEqualTo(Duration.ofMillis(1700));
    assertThat(together.budget()).isEqualTo(Duration.ofMillis(1460));
  }

  @Test
  void behindABatchThatNeverReturnsEveryoneIsRefusedAtItsDeadline() {
    predict(1);
    predict(2, Duration.ofMillis(50));
    predict(3, Duration.ofMillis(20));
    expectStatus(2, 1);

    pass(Duration.ofMillis(30));
    expectRefused(3, Reason.EXPIRED);
    pass(Duration.ofMillis(30));
    expectRefused(2, Reason.EXPIRED);

    runtime.returnBatch(1);
    expectPredicted(client, 1, Output.of(10.0));
    runtime.expectNoBatch();
  }

  @Test
  void whatCannotBeMetIsRefusedWhenTheBatchIsCut() {
    predict(1);
    expectStatus(0, 1);
    clock.addAndGet(Duration.ofMillis(40).toNanos());
    predict(2, Duration.ofMillis(30));
    predict(3, Duration.ofMillis(50));
    expectStatus(2, 1);

    runtime.returnBatch(1);

    client.expectMessageClass(Predicted.class);
    expectRefused(2, Reason.EXPIRED);
    runtime.returnBatch(3);
  }

  @Test
  void anIdleReplicaTriesWhateverItExpects() {
    predict(1);
    expectStatus(0, 1);
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);

    predict(2, Duration.ofMillis(1));

    runtime.returnBatch(2);
    expectPredicted(client, 2, Output.of(20.0));
  }

  @Test
  void whatComesAfterItsDeadlineIsRefused() {
    predict(1, Duration.ZERO);

    expectRefused(1, Reason.EXPIRED);
    runtime.expectNoBatch();
  }

  @Test
  void aPostponedFlightOutlivesItsFirstDeadline() {
    predict(1);
    predict(2, Duration.ofMillis(20));
    replica.tell(new Postpone(2, in(LONG), client.ref()));
    expectStatus(1, 1);

    pass(Duration.ofMillis(50));
    runtime.returnBatch(1);

    client.expectMessageClass(Predicted.class);
    runtime.returnBatch(2);
    expectPredicted(client, 2, Output.of(20.0));
  }

  @Test
  void aCancelledFlightLeavesTheQueue() {
    predict(1, 2, 3);
    replica.tell(new Cancel(2, client.ref()));

    runtime.returnBatch(1);

    runtime.returnBatch(3);
  }

  @Test
  void theSameNumberOfAnotherAskerIsAnotherFlight() {
    TestProbe<Reply> other = KIT.createTestProbe();
    predict(1, 2);
    replica.tell(new Predict(2, Input.doubles(5), in(LONG), other.ref()));
    replica.tell(new Cancel(2, client.ref()));

    runtime.returnBatch(1);
    runtime.returnBatch(5);

    expectPredicted(other, 2, Output.of(50.0));
  }

  @Test
  void overItsQueueItRefusesAsOverload() {
    ActorRef<Command> small = spawn(new Fixed(10), 1, ReplicaMetrics.NONE);
    for (int i = 1; i <= 3; i++) {
      small.tell(new Predict(i, Input.doubles(i), in(LONG), client.ref()));
    }

    client.expectMessage(new NotPredicted(3, Reason.OVERLOADED, "1 rows wait already"));
  }

  @Test
  void theRowsOfABatchThatFailedGoOnceMoreEachAloneSoThatOneBadRowFailsAlone() {
    predict(1, 2, 3, 4);
    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);

    runtime.failBatch("row 3 is bad", 2, 3, 4);
    predict(5);
    runtime.returnBatch(2);
    runtime.failBatch("this row is bad", 3);
    runtime.returnBatch(4);
    runtime.returnBatch(5);

    expectPredicted(client, 2, Output.of(20.0));
    client.expectMessage(new NotPredicted(3, Reason.FAILED, "this row is bad"));
    expectPredicted(client, 4, Output.of(40.0));
    expectPredicted(client, 5, Output.of(50.0));
  }

  @Test
  void aBatchOfTheWrongCountIsAFailedBatch() {
    predict(1, 2, 3);
    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);

    runtime.expect(2, 3).outputs().complete(List.of(Output.of(20.0)));
    runtime.returnBatch(2);
    runtime.expect(3).outputs().complete(List.of());

    expectPredicted(client, 2, Output.of(20.0));
    client.expectMessage(new NotPredicted(3, Reason.FAILED, "the model gave 0 outputs for 1 inputs"));
  }

  @Test
  void aRowThatIsNotANumberFailsAndTheOthersAreAnswered() {
    predict(1, 2, 3);
    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);

    runtime.expect(2, 3).outputs().complete(List.of(Output.of(Double.NaN), Output.of(30.0)));

    expectRefused(2, Reason.FAILED);
    expectPredicted(client, 3, Output.of(30.0));
  }

  /** Not to a node that is elsewhere, and so to none. */
  @Test
  void anOutputThatIsLargerThanWhatGoesBetweenNodesIsNoAnswer() {
    predict(1, 2);
    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);
    int limit = WireSettings.of(KIT.system().settings().config()).limitBytes();
    Output tooLarge = Output.of(Tensor.ofUnsignedBytes(new byte[limit + 1]));

    runtime.expect(2).outputs().complete(List.of(tooLarge));

    client.expectMessage(
        new NotPredicted(
            2, Reason.FAILED, "the model's output takes %d bytes when it is unpacked, more than the %d of clipper.size-limit".formatted(limit + 1, limit)));
    predict(3);
    Output largest = Output.of(Tensor.ofUnsignedBytes(new byte[limit]));
    runtime.expect(3).outputs().complete(List.of(largest));
    expectPredicted(client, 3, largest);
  }

  @Test
  void drainedItAnswersWhatWaitsRefusesWhatComesAndClosesItsRuntime() throws Exception {
    predict(1, 2);
    replica.tell(new Drain());
    predict(3);

    expectRefused(3, Reason.STOPPED);
    runtime.returnBatch(1);
    runtime.returnBatch(2);
    expectPredicted(client, 1, Output.of(10.0));
    expectPredicted(client, 2, Output.of(20.0));
    client.expectTerminated(replica, Duration.ofSeconds(3));
    assertThat(runtime.closed.get(30, SECONDS)).isTrue();
  }

  @Test
  void stoppedFromOutsideItClosesItsRuntimeOnlyWhenTheBatchHasReturned() throws Exception {
    predict(1);
    HeldRuntime.Batch batch = runtime.expect(1);

    KIT.stop(replica);
    assertThat(runtime.closed).isNotDone();
    batch.outputs().complete(List.of(Output.of(10.0)));

    assertThat(runtime.closed.get(30, SECONDS)).isTrue();
  }

  /** Who waits in vain for a model that is slower than its time tells of the model. */
  @Test
  void whatAModelTakesLongerForThanThereIsTimeIsRefusedForThat() {
    learnThatABatchTakes(Duration.ofMillis(10));
    predict(3);
    runtime.expect(3);

    predict(4, Duration.ofMillis(5));

    expectRefused(4, Reason.TOO_SLOW);
  }

  @Test
  void behindABatchThatIsLateForAllOfItTheModelHasFailed() {
    predict(1, Duration.ofMillis(20));
    predict(2, Duration.ofMillis(40));
    expectStatus(1, 1);

    pass(Duration.ofMillis(50));

    expectRefused(2, Reason.FAILED);
  }

  @Test
  void whatTheLastBatchThatFailedSaidStaysKnownWithItsAge() {
    predict(1);
    runtime.failBatch("a bug", 1);
    expectRefused(1, Reason.FAILED);
    predict(2);
    runtime.returnBatch(2);
    client.expectMessageClass(Predicted.class);
    clock.addAndGet(Duration.ofSeconds(35).toNanos());

    replica.tell(new GetStatus(observer.ref()));
    observer.expectMessage(new Status(0, 0, 10, Optional.of("a batch failed 35 s ago: a bug")));

    predict(3);
    runtime.expect(3).outputs().complete(List.of(Output.of(Double.NaN)));
    expectRefused(3, Reason.FAILED);
    replica.tell(new GetStatus(observer.ref()));
    observer.expectMessage(new Status(0, 0, 10, Optional.of("a batch failed 0 s ago: the model's output is not a number (NaN)")));
  }

  @Test
  void ofBatchesThatAreNotBackInTimeTheFirstMayBeWhyUntilOneIsBack() {
    predict(1);
    giveUp(1);
    expectRefused(1, Reason.UNRETURNED);
    predict(2);
    giveUp(2);
    expectRefused(2, Reason.BLOCKED);

    predict(3);
    runtime.returnBatch(3);
    client.expectMessageClass(Predicted.class);
    predict(4);
    giveUp(4);
    expectRefused(4, Reason.UNRETURNED);

    predict(5);
    runtime.failBatch("a bug", 5);
    expectRefused(5, Reason.FAILED);
    predict(6);
    giveUp(6);
    expectRefused(6, Reason.UNRETURNED);
  }

  @Test
  void theFirstOfTwoBatchesMayBeWhyAlsoWhereTheSecondIsGivenUpBeforeIt() {
    ActorRef<Command> remote = KIT.spawn(ModelReplicaActor.create(runtime, new Fixed(1), 100, 2, ReplicaMetrics.NONE, clock::get, alarms(KIT, clock)));
    remote.tell(new Predict(1, Input.doubles(1), in(LONG.multipliedBy(2)), client.ref()));
    HeldRuntime.Batch first = runtime.expect(1);
    remote.tell(new Predict(2, Input.doubles(2), in(LONG), client.ref()));

    giveUp(2);
    expectRefused(2, Reason.BLOCKED);
    clock.addAndGet(LONG.toNanos());
    first.outputs().completeExceptionally(new IllegalStateException("no answer in time"));

    expectRefused(1, Reason.UNRETURNED);
  }

  @Test
  void theRowsOfABatchThatIsNotBackInTimeGoNotOnceMore() {
    predict(1, 2, 3);
    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);

    giveUp(2, 3);

    expectRefused(2, Reason.UNRETURNED);
    expectRefused(3, Reason.UNRETURNED);
    replica.tell(new GetStatus(observer.ref()));
    observer.expectMessage(new Status(0, 0, 10, Optional.of("a batch failed 0 s ago: no answer in time")));
    runtime.expectNoBatch();
  }

  /** The runtime does, when the batch's time is over. */
  private void giveUp(double... inputs) {
    HeldRuntime.Batch batch = runtime.expect(inputs);
    clock.addAndGet(batch.budget().toNanos());
    batch.outputs().completeExceptionally(new IllegalStateException("no answer in time"));
  }

  @Test
  void whatSurelyComesTooLateIsRefusedWhenItComes() {
    learnThatABatchTakes(Duration.ofMillis(10));
    predict(3);
    runtime.expect(3);
    clock.addAndGet(Duration.ofMillis(25).toNanos()); // 15 ms overdue: it may need as long again

    predict(4, Duration.ofMillis(12));

    expectRefused(4, Reason.OVERLOADED);
  }

  @Test
  void aRemoteRuntimeHasASecondBatchBeforeTheFirstIsBack() {
    ActorRef<Command> remote = KIT.spawn(ModelReplicaActor.create(runtime, new Fixed(1), 100, 2, ReplicaMetrics.NONE, clock::get, alarms(KIT, clock)));
    for (int i = 1; i <= 3; i++) {
      remote.tell(new Predict(i, Input.doubles(i), in(LONG), client.ref()));
    }

    HeldRuntime.Batch first = runtime.expect(1);
    runtime.returnBatch(2);
    expectPredicted(client, 2, Output.of(20.0));
    runtime.expect(3);
    first.outputs().complete(List.of(Output.of(10.0)));
    expectPredicted(client, 1, Output.of(10.0));
  }

  @Test
  void whatACopyMayHaveEndedOverIsSentWhileTheRuntimeHasNothingElse() {
    ActorRef<Command> deep =
        KIT.spawn(ModelReplicaActor.create(runtime, new Fixed(1), 10, 2, ReplicaMetrics.NONE, clock::get, alarms(KIT, clock)));
    long deadline = in(Duration.ofSeconds(1));
    deep.tell(new Predict(1, Input.doubles(1), deadline, client.ref()));
    HeldRuntime.Batch before = runtime.expect(1);
    deep.tell(new ModelReplicaActor.PredictAlone(2, Input.doubles(2), deadline, client.ref()));
    deep.tell(new Predict(3, Input.doubles(3), deadline, client.ref()));
    TestProbe<ModelReplicaActor.Status> status = KIT.createTestProbe();
    deep.tell(new ModelReplicaActor.GetStatus(status.ref()));
    status.expectMessage(new ModelReplicaActor.Status(2, 1, 1));

    before.outputs().complete(List.of(Output.of(10.0)));
    HeldRuntime.Batch alone = runtime.expect(2);
    expectPredicted(client, 1, Output.of(10.0));
    deep.tell(new ModelReplicaActor.GetStatus(status.ref()));
    status.expectMessage(new ModelReplicaActor.Status(1, 1, 1));

    alone.outputs().complete(List.of(Output.of(20.0)));
    expectPredicted(client, 2, Output.of(20.0));
    runtime.returnBatch(3);
  }

  @Test
  void aBatchThatIsHeldLeavesWhenItsTimeIsOver() {
    ActorRef<Command> held = spawn(new Delayed(new Fixed(3), Duration.ofMillis(20)), 100, ReplicaMetrics.NONE);
    held.tell(new Predict(1, Input.doubles(1), in(LONG), client.ref()));
    held.tell(new Predict(2, Input.doubles(2), in(LONG), client.ref()));
    held.tell(new GetStatus(observer.ref()));
    observer.expectMessage(new Status(2, 0, 3));

    pass(Duration.ofMillis(30));

    runtime.returnBatch(1, 2);
  }

  @Test
  void theLimitIsToldBeforeTheFirstBatchAndWhenTheObjectiveChanges() {
    AtomicReference<BatchLimit> limit = new AtomicReference<>();
    ActorRef<Command> adaptive = spawn(new RateMatched(10, Duration.ofSeconds(1)), 100, telling(limit, new AtomicInteger()));
    adaptive.tell(new GetStatus(observer.ref()));
    observer.expectMessage(new Status(0, 0, 1));
    assertThat(limit.get()).isEqualTo(new BatchLimit(1, BatchLimit.Reason.UNEXPLORED));
    adaptive.tell(new Predict(1, Input.doubles(1), in(LONG), client.ref()));
    HeldRuntime.Batch batch = runtime.expect(1);
    clock.addAndGet(Duration.ofMillis(10).toNanos());
    batch.outputs().complete(List.of(Output.of(10.0)));
    client.expectMessageClass(Predicted.class);

    adaptive.tell(new ModelReplicaActor.Aim(Duration.ofMillis(1)));
    adaptive.tell(new GetStatus(observer.ref()));

    observer.expectMessage(new Status(0, 0, 1));
    assertThat(limit.get()).isEqualTo(new BatchLimit(1, BatchLimit.Reason.OBJECTIVE));
  }

  @Test
  void theFirstRowOfAColdReplicaIsNotHeldAndTheLimitIsTold() {
    AtomicReference<BatchLimit> limit = new AtomicReference<>();
    ActorRef<Command> adaptive = spawn(new RateMatched(10, Duration.ofMillis(10)), 100, telling(limit, new AtomicInteger()));
    adaptive.tell(new Predict(1, Input.doubles(1), in(LONG), client.ref()));

    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);

    assertThat(limit.get()).isEqualTo(new BatchLimit(2, BatchLimit.Reason.UNEXPLORED));
  }

  @Test
  void aCopyThatIsLostUnderABatchGivesBackWhatWaitsAndStops() throws Exception {
    predict(1, 2);

    runtime.expect(1).outputs().completeExceptionally(new CopyLostException("killed"));

    client.expectMessage(new NotPredicted(1, Reason.LOST, "killed"));
    client.expectMessage(new NotPredicted(2, Reason.STOPPED, "killed"));
    client.expectTerminated(replica, Duration.ofSeconds(3));
    assertThat(runtime.closed.get(30, SECONDS)).isTrue();
  }

  @Test
  void aCopyThatIsLostWhileItIsIdleStops() {
    runtime.lost.complete(new CopyLostException("killed"));

    client.expectTerminated(replica, Duration.ofSeconds(3));
  }

  @Test
  void whatALostCopyHasAnsweredIsAnswered() {
    predict(1, 2);
    HeldRuntime.Batch batch = runtime.expect(1);
    runtime.lost.complete(new CopyLostException("killed"));

    batch.outputs().complete(List.of(Output.of(10.0)));

    expectPredicted(client, 1, Output.of(10.0));
    client.expectMessage(new NotPredicted(2, Reason.STOPPED, "killed"));
    client.expectTerminated(replica, Duration.ofSeconds(3));
  }

  @Test
  void theControllerLearnsFromFullBatches() {
    ActorRef<Command> adaptive = spawn(Aimd.upTo(10, Duration.ofMillis(10)), 100, ReplicaMetrics.NONE);
    adaptive.tell(new Predict(1, Input.doubles(1), in(LONG), client.ref()));
    runtime.returnBatch(1);
    client.expectMessageClass(Predicted.class);

    adaptive.tell(new GetStatus(observer.ref()));

    observer.expectMessage(new Status(0, 0, 5));
  }

  @Test
  void rowsThatComeBackAfterTheirDeadlineAreLate() {
    AtomicInteger late = new AtomicInteger();
    ActorRef<Command> slow = spawn(new Fixed(2), 100, telling(new AtomicReference<>(), late));
    slow.tell(new Predict(1, Input.doubles(1), in(Duration.ofMillis(10)), client.ref()));
    HeldRuntime.Batch first = runtime.expect(1);
    slow.tell(new Predict(2, Input.doubles(2), in(Duration.ofMillis(10)), client.ref()));
    slow.tell(new Predict(3, Input.doubles(3), in(Duration.ofMillis(30)), client.ref()));

    first.outputs().complete(List.of(Output.of(10.0)));
    client.expectMessageClass(Predicted.class);
    HeldRuntime.Batch second = runtime.expect(2, 3);
    clock.addAndGet(Duration.ofMillis(20).toNanos());
    second.outputs().complete(List.of(Output.of(20.0), Output.of(30.0)));
    client.expectMessageClass(Predicted.class);
    client.expectMessageClass(Predicted.class);

    assertThat(late).hasValue(1);
  }

  @Test
  void aBatchIsUnderWayUntilItComesBack() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    ActorRef<Command> counted = spawn(new Fixed(10), 100, new ReplicaMeters(registry, new ModelId("m", "1")));
    counted.tell(new Predict(1, Input.doubles(1), in(LONG), client.ref()));
    HeldRuntime.Batch batch = runtime.expect(1);
    counted.tell(new GetStatus(observer.ref()));
    observer.receiveMessage();
    assertThat(registry.get(ReplicaMeters.INFLIGHT).gauge().value()).isEqualTo(1);

    batch.outputs().complete(List.of(Output.of(10.0)));
    client.expectMessageClass(Predicted.class);
    assertThat(registry.get(ReplicaMeters.INFLIGHT).gauge().value()).isZero();
  }

  private ActorRef<Command> spawn(BatchController controller, int queueLimit, ReplicaMetrics metrics) {
    return KIT.spawn(ModelReplicaActor.create(runtime, controller, queueLimit, 1, metrics, clock::get, alarms(KIT, clock)));
  }

  /** Alarms of the kit's own time, which may be manual. */
  static Alarms alarms(ActorTestKit kit, AtomicLong clock) {
    return (nanos, action) ->
        kit.system().scheduler().scheduleOnce(Duration.ofNanos(Math.max(1, nanos - clock.get())), action, kit.system().executionContext());
  }

  private void predict(int... numbers) {
    for (int number : numbers) {
      predict(number, LONG.plusMillis(number));
    }
  }

  private void predict(int number, Duration budget) {
    replica.tell(new Predict(number, Input.doubles(number), in(budget), client.ref()));
  }

  /** On the replica's clock. */
  private long in(Duration budget) {
    return clock.get() + budget.toNanos();
  }

  private void learnThatABatchTakes(Duration time) {
    for (int i = 0; i < 6; i++) {
      predict(1);
      HeldRuntime.Batch batch = runtime.expect(1);
      clock.addAndGet(time.toNanos());
      batch.outputs().complete(List.of(Output.of(10.0)));
      client.expectMessageClass(Predicted.class);
    }
  }

  private static ReplicaMetrics telling(AtomicReference<BatchLimit> limit, AtomicInteger late) {
    return new ReplicaMetrics() {
      @Override
      public void cut(int rows) {}

      @Override
      public void waited(long nanos) {}

      @Override
      public void computed(int rows, long nanos) {}

      @Override
      public void late(int rows) {
        late.addAndGet(rows);
      }

      @Override
      public void predicted(int rows) {}

      @Override
      public void notPredicted(Reason reason, long nanos) {}

      @Override
      public void pending(Object copy, int rows) {}

      @Override
      public void underWay(Object copy, int batches) {}

      @Override
      public void gone(Object copy) {}

      @Override
      public void limited(Object copy, BatchLimit newest) {
        limit.set(newest);
      }

      @Override
      public void copies(Map<ReplicaStatus.State, Integer> states) {}

      @Override
      public void restarted() {}

      @Override
      public void loaded(long nanos) {}
    };
  }

  /** The clock's and the timers' time. */
  private void pass(Duration duration) {
    clock.addAndGet(duration.toNanos());
    TIME.timePasses(duration);
  }

  private void expectRefused(long flight, Reason reason) {
    NotPredicted refused = client.expectMessageClass(NotPredicted.class);
    assertThat(refused.flight()).isEqualTo(flight);
    assertThat(refused.reason()).isEqualTo(reason);
  }

  private void expectStatus(int queued, int running) {
    replica.tell(new GetStatus(observer.ref()));
    observer.expectMessage(new Status(queued, running, 10));
  }

  private static void expectPredicted(TestProbe<Reply> client, long flight, Output output) {
    Predicted predicted = client.expectMessageClass(Predicted.class);
    assertThat(predicted.flight()).isEqualTo(flight);
    assertThat(predicted.output()).isEqualTo(output);
  }
}
