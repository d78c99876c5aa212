package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.ReplyTo;
import io.clipper.batch.Fixed;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.Lookups;
import io.clipper.cache.PredictionCache;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.replica.ModelReplicaActor.Cancel;
import io.clipper.replica.ModelReplicaActor.NotPredicted;
import io.clipper.replica.ModelReplicaActor.Postpone;
import io.clipper.replica.ModelReplicaActor.Predict;
import io.clipper.replica.ModelReplicaActor.PredictAlone;
import io.clipper.replica.ModelReplicaActor.Predicted;
import io.clipper.replica.ReplicaRouterActor.Answered;
import io.clipper.replica.ReplicaRouterActor.Ask;
import io.clipper.replica.ReplicaRouterActor.Close;
import io.clipper.replica.ReplicaRouterActor.Command;
import io.clipper.replica.ReplicaRouterActor.Joined;
import io.clipper.replica.ReplicaRouterActor.Left;
import io.clipper.replica.ReplicaRouterActor.Reason;
import io.clipper.replica.ReplicaRouterActor.Reply;
import io.clipper.replica.ReplicaRouterActor.Restarting;
import io.clipper.replica.ReplicaRouterActor.Unanswered;
import io.clipper.replica.ReplicaRouterActor.Unreachable;
import io.clipper.replica.ReplicaRouterActor.Withdraw;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ReplicaRouterActorTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final ModelId MODEL = new ModelId("svm", "1");
  private static final Input INPUT = Input.doubles(1);
  private static final Output OUTPUT = Output.of("a");
  /** Flights, which are enough to know what they take. */
  private static final int LEARNED_FROM = 60;

  private final AtomicLong clock = new AtomicLong();
  private final AtomicBoolean cached = new AtomicBoolean(true);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final PredictionCache cache = new PredictionCache(new CacheSettings(1 << 20, Optional.empty()), clock::get, registry);
  private final TestProbe<Reply> asker = KIT.createTestProbe();
  private final ActorRef<Command> router = router(1000);

  private final BlockingQueue<Runnable> alarms = new LinkedBlockingQueue<>();

  private ActorRef<Command> router(int maxFlights) {
    return KIT.spawn(ReplicaRouterActor.create(MODEL, cached::get, cache, new RouterSettings(maxFlights), clock::get, this::alarm, new Random(1)));
  }

  private void alarm(long nanos, Runnable action) {
    alarms.add(action);
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private record Told(Replica replica, ModelReplicaActor.Command command) {}

  /** What all replicas were told, in order. */
  private final BlockingQueue<Told> everything = new LinkedBlockingQueue<>();

  /** A replica that passes on what it is told, and that a test can stop. */
  private final class Replica {
    private final TestProbe<ModelReplicaActor.Command> told = KIT.createTestProbe();
    private final ActorRef<ModelReplicaActor.Command> ref = KIT.spawn(passOn());

    private Behavior<ModelReplicaActor.Command> passOn() {
      return Behaviors.receiveMessage(
          command -> {
            told.ref().tell(command);
            everything.add(new Told(this, command));
            return Behaviors.same();
          });
    }

    private Replica joined() {
      router.tell(new Joined(ref));
      return this;
    }

    private Predict expectPredict() {
      return told.expectMessageClass(Predict.class);
    }

    /** One that another replica was lost over, as if it were any other. */
    private Predict expectAlone() {
      PredictAlone alone = told.expectMessageClass(PredictAlone.class);
      return new Predict(alone.flight(), alone.input(), alone.deadlineNanos(), alone.replyTo());
    }
  }

  @Test
  void concurrentEqualAsksCallTheModelOnce() {
    Replica replica = new Replica().joined();
    ask(1, 100);
    ask(2, 100);
    ask(3, 100);

    answer(replica.expectPredict());

    asker.receiveSeveralMessages(3).forEach(reply -> assertThat(reply).isInstanceOf(Answered.class));
    replica.told.expectNoMessage(Duration.ZERO);
    assertThat(cache.lookup(INPUT).by(MODEL)).contains(OUTPUT);
  }

  @Test
  void eachAskCountsOnceByWhetherItsAnswerWasKnownOrOnItsWay() {
    Replica replica = new Replica().joined();
    ask(1, 100);
    ask(2, 100);
    answer(replica.expectPredict());
    asker.receiveSeveralMessages(2);
    ask(3, 100);
    asker.receiveMessage();

    assertThat(lookups("miss")).isEqualTo(1);
    assertThat(lookups("coalesced")).isEqualTo(1);
    assertThat(lookups("hit")).isEqualTo(1);
  }

  private double lookups(String result) {
    return registry.get(Lookups.NAME).tags("model_name", "svm", "model_version", "1", "result", result).counter().count();
  }

  @Test
  void anAnswerThatCameMeanwhileIsNotAskedAgain() {
    new Replica().joined();
    cache.put(INPUT, MODEL, OUTPUT);

    ask(1, 100);

    asker.expectMessage(new Answered(1, MODEL, OUTPUT, true));
  }

  @Test
  void aVersionWithoutCacheIsAskedEachTime() {
    cached.set(false);
    Replica replica = new Replica().joined();
    ask(1, 100);
    answer(replica.expectPredict());
    asker.expectMessage(new Answered(1, MODEL, OUTPUT));

    ask(2, 100);

    answer(replica.expectPredict());
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
    assertThat(cache.inputs()).isZero();
  }

  @Test
  void aFlightRunsOnTheLatestDeadlineAmongItsWaiters() {
    Replica replica = new Replica().joined();
    ask(1, 10);
    Predict predict = replica.expectPredict();
    ask(2, 80);
    ask(3, 50);

    Postpone postpone = replica.told.expectMessageClass(Postpone.class);
    clock.set(Duration.ofMillis(60).toNanos());
    answer(predict);

    assertThat(predict.deadlineNanos()).isEqualTo(10_000_000);
    assertThat(postpone.flight()).isEqualTo(predict.flight());
    assertThat(postpone.deadlineNanos()).isEqualTo(80_000_000);
    asker.expectMessage(new Answered(1, MODEL, OUTPUT));
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
    asker.expectMessage(new Answered(3, MODEL, OUTPUT));
    replica.told.expectNoMessage(Duration.ZERO);
  }

  @Test
  void anAnswerThatIsTooLateForEverybodyFillsTheCacheAndIsTold() {
    Replica replica = new Replica().joined();
    ask(1, 10);
    Predict predict = replica.expectPredict();
    ask(2, 20);
    replica.told.expectMessageClass(Postpone.class);

    clock.set(Duration.ofSeconds(1).toNanos());
    answer(predict);

    asker.expectMessage(new Answered(1, MODEL, OUTPUT));
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
    assertThat(cache.lookup(INPUT).by(MODEL)).contains(OUTPUT);
    ask(3, 2000);
    asker.expectMessage(new Answered(3, MODEL, OUTPUT, true));
    replica.told.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aShortLeaderDoesNotCostALongFollowerItsAnswer() {
    HeldRuntime runtime = new HeldRuntime();
    ActorRef<ModelReplicaActor.Command> replica =
        KIT.spawn(
            ModelReplicaActor.create(
                runtime, new Fixed(10), 10, 1, ReplicaMetrics.NONE, clock::get, ModelReplicaActorTest.alarms(KIT, clock)));
    router.tell(new Joined(replica));
    ask(1, Input.doubles(7), 10_000);
    HeldRuntime.Batch first = runtime.expect(7);
    ask(2, INPUT, 10);
    ask(3, INPUT, 9_000);
    // The router has passed both on when it has answered an ask of no time; the replica when it has told its status.
    ask(4, Input.doubles(8), 0);
    asker.expectMessageClass(Unanswered.class);
    TestProbe<ModelReplicaActor.Status> status = KIT.createTestProbe();
    replica.tell(new ModelReplicaActor.GetStatus(status.ref()));
    status.expectMessage(new ModelReplicaActor.Status(1, 1, 10));

    clock.set(Duration.ofMillis(500).toNanos());
    first.outputs().complete(List.of(Output.of(70.0)));
    runtime.returnBatch(1);

    asker.expectMessage(new Answered(1, MODEL, Output.of(70.0)));
    asker.expectMessage(new Answered(2, MODEL, Output.of(10.0)));
    asker.expectMessage(new Answered(3, MODEL, Output.of(10.0)));
    runtime.expectNoBatch();
  }

  @Test
  void aFlightThatWasDroppedForLatenessIsAskedAgainForWhoHasTime() {
    Replica replica = new Replica().joined();
    ask(1, 10);
    Predict predict = replica.expectPredict();
    ask(2, 80);
    replica.told.expectMessageClass(Postpone.class);

    clock.set(Duration.ofMillis(20).toNanos());
    refuse(predict, ModelReplicaActor.Reason.EXPIRED);
    Predict again = replica.expectPredict();
    answer(again);

    assertThat(again.deadlineNanos()).isEqualTo(80_000_000);
    assertThat(again.flight()).isNotEqualTo(predict.flight());
    asker.expectMessage(new Unanswered(1, MODEL, Reason.EXPIRED, "EXPIRED"));
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
  }

  @Test
  void aFlightThatNoReplicaCanMeetIsGivenUpAfterASecondRefusal() {
    Replica replica = new Replica().joined();
    ask(1, 100);

    refuse(replica.expectPredict(), ModelReplicaActor.Reason.EXPIRED);
    refuse(replica.expectPredict(), ModelReplicaActor.Reason.EXPIRED);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.EXPIRED, "EXPIRED"));
  }

  @Test
  void aFailureIsToldToAllAndNotKept() {
    Replica replica = new Replica().joined();
    ask(1, 100);
    ask(2, 100);

    refuse(replica.expectPredict(), ModelReplicaActor.Reason.FAILED);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.FAILED, "FAILED"));
    asker.expectMessage(new Unanswered(2, MODEL, Reason.FAILED, "FAILED"));
    ask(3, 100);
    replica.expectPredict();
  }

  @Test
  void withoutAReplicaTheAnswerIsThereAtOnce() {
    ask(1, 100);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.NO_REPLICA, "no replica of svm:1 is ready"));
  }

  @Test
  void flightsAreBounded() {
    ActorRef<Command> narrow = router(3);
    narrow.tell(new Joined(new Replica().ref));
    for (int i = 1; i <= 4; i++) {
      narrow.tell(new Ask(Input.doubles(i), Duration.ofMillis(100).toNanos(), i, new ReplyTo.There<>(asker.ref())));
    }

    asker.expectMessage(new Unanswered(4, MODEL, Reason.OVERLOADED, "3 inputs are on their way to svm:1 already"));
  }

  @Test
  void whatItsReplicaIsTooSlowForIsRefusedForThat() {
    Replica replica = new Replica().joined();
    ask(1, 100);

    refuse(replica.expectPredict(), ModelReplicaActor.Reason.TOO_SLOW);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.TOO_SLOW, "TOO_SLOW"));
  }

  /** Eight of one asker's and two of another's are on their way when a replica refuses: five are an equal share. */
  @Test
  void whileAReplicaRefusesAnAskerThatHasItsShareLeavesTheRestToTheOthers() {
    TestProbe<Reply> loud = KIT.createTestProbe();
    TestProbe<Reply> quiet = KIT.createTestProbe();
    Replica replica = new Replica().joined();
    for (int i = 1; i <= 8; i++) {
      ask(i, loud);
    }
    ask(9, quiet);
    ask(10, quiet);
    List<Predict> sent = Stream.generate(replica::expectPredict).limit(10).toList();

    refuse(sent.getFirst(), ModelReplicaActor.Reason.OVERLOADED);
    loud.expectMessage(new Unanswered(1, MODEL, Reason.OVERLOADED, "OVERLOADED"));
    ask(11, loud);
    ask(12, quiet);

    loud.expectMessage(new Unanswered(11, MODEL, Reason.OVERLOADED, "svm:1 is overloaded, and this application has its share of it"));
    assertThat(replica.expectPredict().input()).isEqualTo(Input.doubles(12));
    sent.subList(1, 4).forEach(ReplicaRouterActorTest::answer);
    loud.receiveSeveralMessages(3).forEach(reply -> assertThat(reply).isInstanceOf(Answered.class));
    ask(13, loud);
    assertThat(replica.expectPredict().input()).as("it has four, and may have five").isEqualTo(Input.doubles(13));
    ask(14, loud);
    loud.expectMessageClass(Unanswered.class);

    clock.set(Duration.ofSeconds(2).toNanos());
    ask(15, loud);
    assertThat(replica.expectPredict().input()).as("no replica has refused for a second").isEqualTo(Input.doubles(15));
  }

  @Test
  void whatADeadReplicaHeldIsAskedOfAnotherWhileThereIsTime() {
    Replica first = new Replica().joined();
    ask(1, 100);
    first.expectPredict();
    Replica second = new Replica().joined();

    KIT.stop(first.ref);
    answer(second.expectAlone());

    asker.expectMessage(new Answered(1, MODEL, OUTPUT));
  }

  @Test
  void whatANodeOutOfReachHoldsIsAskedElsewhereAndIsNotToBlame() {
    Replica first = new Replica().joined();
    ask(1, 100);
    first.expectPredict();
    Replica second = new Replica().joined();

    router.tell(new Unreachable(first.ref));
    second.expectPredict();
    Replica third = new Replica().joined();
    router.tell(new Unreachable(second.ref));

    answer(third.expectPredict());
    asker.expectMessage(new Answered(1, MODEL, OUTPUT));
  }

  @Test
  void anInputWhoseReplicaDiedTwiceIsNotTriedAThirdTime() {
    Replica first = new Replica().joined();
    ask(1, 100);
    first.expectPredict();
    Replica second = new Replica().joined();
    KIT.stop(first.ref);
    second.expectAlone();
    Replica third = new Replica().joined();

    KIT.stop(second.ref);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.FAILED, "2 replicas of svm:1 stopped while they held this input: its replica stopped"));
    third.told.expectNoMessage(Duration.ZERO);
  }

  @Test
  void anInputThatTwoReplicasWereLostOverIsNotTriedAThirdTimeAndOneThatWaitedIs() {
    Replica first = new Replica().joined();
    ask(1, 100);
    Predict guilty = first.expectPredict();
    ask(2, Input.doubles(2), 100);
    Predict waited = first.expectPredict();
    Replica second = new Replica().joined();
    refuse(guilty, ModelReplicaActor.Reason.LOST);
    refuse(waited, ModelReplicaActor.Reason.STOPPED);
    guilty = second.expectAlone();
    waited = second.expectPredict();
    Replica third = new Replica().joined();

    refuse(guilty, ModelReplicaActor.Reason.LOST);
    refuse(waited, ModelReplicaActor.Reason.STOPPED);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.FAILED, "2 replicas of svm:1 stopped while they held this input: LOST"));
    answer(third.expectPredict());
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
  }

  @Test
  void ofABatchThatWasLostTheInnocentAreAnsweredAndTheGuiltyIsNotTriedAgainWhoeverAsks() {
    Replica first = new Replica().joined();
    ask(1, 100);
    ask(2, Input.doubles(2), 100);
    Predict guilty = first.expectPredict();
    Predict innocent = first.expectPredict();
    Replica second = new Replica().joined();
    refuse(guilty, ModelReplicaActor.Reason.LOST);
    refuse(innocent, ModelReplicaActor.Reason.LOST);
    guilty = second.expectAlone();
    innocent = second.expectAlone();
    answer(innocent);
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
    Replica third = new Replica().joined();
    refuse(guilty, ModelReplicaActor.Reason.LOST);
    asker.expectMessage(new Unanswered(1, MODEL, Reason.FAILED, "2 replicas of svm:1 stopped while they held this input: LOST"));

    ask(3, 100);

    asker.expectMessage(new Unanswered(3, MODEL, Reason.FAILED, "2 replicas of svm:1 stopped while they held this input"));
    third.told.expectNoMessage(Duration.ZERO);
  }

  /** Whoever asked has its default output by then; the copy is found to hang, and ended, a minute later. */
  @Test
  void anInputThatTwoReplicasHungOverIsNotTriedAThirdTime() {
    Replica first = new Replica().joined();
    Replica second = hungAndEnded(first, 1);
    Replica third = hungAndEnded(second, 2);

    askFor(3, INPUT, Duration.ofMillis(100));

    asker.expectMessage(new Unanswered(3, MODEL, Reason.FAILED, "2 replicas of svm:1 stopped while they held this input"));
    third.told.expectNoMessage(Duration.ZERO);
  }

  /** The input is not back, what is behind it is not either, and what comes then is there when the replica ends; it is asked of the next. */
  private Replica hungAndEnded(Replica replica, int time) {
    askFor(time, INPUT, Duration.ofMillis(100));
    Predict guilty = time == 1 ? replica.expectPredict() : replica.expectAlone();
    clock.addAndGet(Duration.ofSeconds(2).toNanos());
    refuse(guilty, ModelReplicaActor.Reason.UNRETURNED);
    asker.expectMessage(new Unanswered(time, MODEL, Reason.FAILED, "UNRETURNED"));
    askFor(10 + time, Input.doubles(10 + time), Duration.ofMillis(100));
    Predict behind = replica.expectPredict();
    clock.addAndGet(Duration.ofSeconds(2).toNanos());
    refuse(behind, ModelReplicaActor.Reason.BLOCKED);
    asker.expectMessage(new Unanswered(10 + time, MODEL, Reason.FAILED, "BLOCKED"));
    askFor(20 + time, Input.doubles(20 + time), Duration.ofSeconds(60));
    replica.expectPredict();
    Replica next = new Replica().joined();
    KIT.stop(replica.ref);
    answer(next.expectAlone());
    asker.expectMessage(new Answered(20 + time, MODEL, OUTPUT));
    return next;
  }

  @Test
  void anInputThatAReplicaReturnedNothingForIsNotToBlameOnceItAnswersAgain() {
    Replica first = new Replica().joined();
    ask(1, 100);
    Predict slow = first.expectPredict();
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    refuse(slow, ModelReplicaActor.Reason.UNRETURNED);
    asker.expectMessageClass(Unanswered.class);
    askFor(2, Input.doubles(2), Duration.ofSeconds(60));
    answer(first.expectPredict());
    asker.expectMessageClass(Answered.class);
    askFor(3, Input.doubles(3), Duration.ofSeconds(60));
    first.expectPredict();
    Replica second = new Replica().joined();

    KIT.stop(first.ref);
    answer(second.expectAlone());
    ask(4, 60_000);

    assertThat(second.expectPredict().input()).isEqualTo(INPUT);
  }

  @Test
  void whoHasTimeLeftIsAskedForAgainWhenABatchIsNotBack() {
    Replica replica = new Replica().joined();
    ask(1, 100);
    ask(2, 60_000);
    Predict slow = replica.expectPredict();
    replica.told.expectMessageClass(Postpone.class);
    clock.addAndGet(Duration.ofSeconds(2).toNanos());

    refuse(slow, ModelReplicaActor.Reason.UNRETURNED);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.FAILED, "UNRETURNED"));
    answer(replica.expectPredict());
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
  }

  /** From now on. */
  private void askFor(long correlation, Input input, Duration budget) {
    router.tell(new Ask(input, clock.get() + budget.toNanos(), correlation, new ReplyTo.There<>(asker.ref())));
  }

  @Test
  void whatTheLastReplicaHeldIsAskedOfItsSuccessor() {
    Replica only = new Replica().joined();
    ask(1, 100);
    refuse(only.expectPredict(), ModelReplicaActor.Reason.LOST);
    router.tell(new Restarting(Duration.ofMillis(50)));

    Replica successor = new Replica().joined();

    answer(successor.expectAlone());
    asker.expectMessage(new Answered(1, MODEL, OUTPUT));
  }

  @Test
  void whatCannotWaitForTheSuccessorHasNoReplica() {
    Replica only = new Replica().joined();
    ask(1, 100);
    only.expectPredict();
    ask(2, 300);
    only.told.expectMessageClass(Postpone.class);
    ask(3, Input.doubles(3), 100);
    refuse(only.expectPredict(), ModelReplicaActor.Reason.STOPPED);
    KIT.stop(only.ref);
    asker.expectTerminated(only.ref, Duration.ofSeconds(3));

    asker.awaitAssert(
        () -> {
          router.tell(new Restarting(Duration.ofMillis(200)));
          assertThat(asker.receiveMessage(Duration.ofMillis(300))).isInstanceOf(Unanswered.class);
          return true;
        });
    asker.expectMessageClass(Unanswered.class);

    answer(new Replica().joined().expectAlone());
    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
  }

  @Test
  void withoutASuccessorTheHeldAreRefusedAtTheirDeadline() throws Exception {
    Replica only = new Replica().joined();
    ask(1, 100);
    refuse(only.expectPredict(), ModelReplicaActor.Reason.LOST);
    Runnable due = alarms.poll(30, TimeUnit.SECONDS);
    assertThat(due).isNotNull();

    clock.set(Duration.ofMillis(100).toNanos());
    due.run();

    asker.expectMessage(new Unanswered(1, MODEL, Reason.NO_REPLICA, "no replica of svm:1 is left"));
  }

  @Test
  void ofAReplicaThatWasSentAwayNothingIsHeldForASuccessor() {
    Replica only = new Replica().joined();
    ask(1, 100);
    Predict predict = only.expectPredict();
    router.tell(new Left(only.ref));

    refuse(predict, ModelReplicaActor.Reason.STOPPED);

    asker.expectMessage(new Unanswered(1, MODEL, Reason.NO_REPLICA, "no replica of svm:1 is left"));
  }

  @Test
  void aReplicaThatStopsIsNotAskedAndWhatItRefusesGoesElsewhere() {
    Replica stopping = new Replica().joined();
    ask(1, 100);
    Predict predict = stopping.expectPredict();
    Replica other = new Replica().joined();
    router.tell(new Left(stopping.ref));

    refuse(predict, ModelReplicaActor.Reason.STOPPED);
    ask(2, Input.doubles(2), 100);

    answer(other.expectPredict());
    answer(other.expectPredict());
    asker.receiveSeveralMessages(2).forEach(reply -> assertThat(reply).isInstanceOf(Answered.class));
    stopping.told.expectNoMessage(Duration.ZERO);
  }

  @Test
  void theReplicaThatFinishesFirstIsAsked() {
    Replica slow = new Replica().joined();
    ask(1, 1000);
    Predict predict = slow.expectPredict();
    clock.set(Duration.ofMillis(100).toNanos());
    answer(predict);
    Replica fast = new Replica().joined();
    asker.expectMessageClass(Answered.class);
    ask(2, Input.doubles(2), 1000);
    answer(fast.expectPredict());
    asker.expectMessageClass(Answered.class);

    ask(3, Input.doubles(3), 1000);
    ask(4, Input.doubles(4), 1000);

    fast.expectPredict();
    fast.expectPredict();
    slow.told.expectNoMessage(Duration.ZERO);
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsCancelled() {
    Replica replica = new Replica().joined();
    ask(1, 100);
    ask(2, 100);
    Predict predict = replica.expectPredict();

    router.tell(new Withdraw(INPUT, 1, new ReplyTo.There<>(asker.ref())));
    router.tell(new Withdraw(INPUT, 7, new ReplyTo.There<>(asker.ref())));
    router.tell(new Withdraw(INPUT, 2, new ReplyTo.There<>(asker.ref())));

    assertThat(replica.told.expectMessageClass(Cancel.class).flight()).isEqualTo(predict.flight());
    ask(3, 100);
    answer(replica.expectPredict());
    asker.expectMessage(new Answered(3, MODEL, OUTPUT));
  }

  @Test
  void aFlightThatIsLateForItsModelIsCopiedAndTheLoserIsCancelled() throws Exception {
    new Replica().joined();
    new Replica().joined();
    learnWhatFlightsTake();
    ask(100, Input.doubles(100), 10_000);
    Told asked = expectTold();

    clock.addAndGet(20_000_000);
    Runnable due = alarms.poll(30, TimeUnit.SECONDS);
    assertThat(due).isNotNull();
    due.run();
    Told copied = expectTold();
    assertThat(copied.replica()).isNotSameAs(asked.replica());
    answer((Predict) copied.command());

    asker.expectMessage(new Answered(100, MODEL, OUTPUT));
    Told cancelled = expectTold();
    assertThat(cancelled.replica()).isSameAs(asked.replica());
    assertThat(cancelled.command()).isEqualTo(new Cancel(((Predict) asked.command()).flight(), ((Predict) asked.command()).replyTo()));
  }

  @Test
  void ofFlightsThatAreAllLateOneInTwentyIsCopied() throws Exception {
    List<Replica> two = List.of(new Replica().joined(), new Replica().joined());
    learnWhatFlightsTake();
    int flights = LEARNED_FROM;
    int copies = 0;

    for (int burst = 0; burst < 2; burst++) {
      copies += copiesOfLateFlights(two, flights, 25);
      flights += 25;
      assertThat(copies).isBetween(1, flights / 20);
    }
  }

  @Test
  void whileTheReplicasAreBusyNothingIsCopied() throws Exception {
    List<Replica> two = List.of(new Replica().joined(), new Replica().joined());
    learnWhatFlightsTake();

    assertThat(copiesOfLateFlights(two, LEARNED_FROM, 100)).isZero();
  }

  @Test
  void aReplicaThatFailedGetsOneFlightAtATimeUntilItAnswers() {
    Replica good = new Replica().joined();
    ask(1, Input.doubles(1), 1000);
    Predict slow = good.expectPredict();
    clock.set(Duration.ofMillis(100).toNanos());
    answer(slow);
    asker.expectMessageClass(Answered.class);
    Replica bad = new Replica().joined();
    ask(2, Input.doubles(2), 1000);
    refuse(bad.expectPredict(), ModelReplicaActor.Reason.FAILED);
    asker.expectMessageClass(Unanswered.class);

    ask(3, Input.doubles(3), 1000);
    Predict trial = bad.expectPredict();
    ask(4, Input.doubles(4), 1000);
    good.expectPredict();

    answer(trial);
    asker.expectMessageClass(Answered.class);
    ask(5, Input.doubles(5), 1000);
    ask(6, Input.doubles(6), 1000);
    bad.expectPredict();
    bad.expectPredict();
  }

  @Test
  void closedItAnswersWhatIsOnItsWayAndStops() {
    Replica replica = new Replica().joined();
    ask(1, 100);
    router.tell(new Close());
    ask(2, Input.doubles(2), 100);

    answer(replica.expectPredict());

    asker.expectMessage(new Unanswered(2, MODEL, Reason.NO_REPLICA, "no replica of svm:1 is ready"));
    asker.expectMessage(new Answered(1, MODEL, OUTPUT));
    asker.expectTerminated(router, Duration.ofSeconds(3));
  }

  @Test
  void closedItForgetsWhatItHasKeptAndKeepsNothingMore() {
    Replica replica = new Replica().joined();
    ask(1, 100);
    answer(replica.expectPredict());
    asker.expectMessageClass(Answered.class);
    ask(2, Input.doubles(2), 100);
    Predict onItsWay = replica.expectPredict();
    router.tell(new Close());

    answer(onItsWay);

    asker.expectMessage(new Answered(2, MODEL, OUTPUT));
    assertThat(cache.lookup(INPUT).by(MODEL)).isEmpty();
    assertThat(cache.lookup(Input.doubles(2)).by(MODEL)).isEmpty();
  }

  private void learnWhatFlightsTake() throws InterruptedException {
    for (int i = 0; i < LEARNED_FROM; i++) {
      ask(i, Input.doubles(i), 1000);
      Predict predict = (Predict) expectTold().command();
      clock.addAndGet(2_000_000);
      answer(predict);
      asker.expectMessageClass(Answered.class);
    }
  }

  /** Sends so many flights, lets their time go by without an answer, and counts those that a second replica was asked for. */
  private int copiesOfLateFlights(List<Replica> all, int firstNumber, int flights) throws InterruptedException {
    for (int i = firstNumber; i < firstNumber + flights; i++) {
      ask(i, Input.doubles(i), 60_000);
    }
    assertThat(toldUntilNow(all)).isEqualTo(flights);
    clock.addAndGet(20_000_000);
    Runnable due = alarms.poll(30, TimeUnit.SECONDS);
    assertThat(due).isNotNull();
    due.run();
    return toldUntilNow(all);
  }

  /** How many flights the replicas were told since they were last counted; the router has done all that it was told before. */
  private int toldUntilNow(List<Replica> all) throws InterruptedException {
    ask(-1, Input.doubles(-1), 0);
    asker.expectMessage(new Unanswered(-1, MODEL, Reason.EXPIRED, "its deadline passed before it was asked"));
    all.forEach(replica -> replica.ref.tell(new ModelReplicaActor.Drain()));
    int flights = 0;
    for (int marks = 0; marks < all.size(); ) {
      switch (expectTold().command()) {
        case Predict predict -> flights++;
        case ModelReplicaActor.Drain mark -> marks++;
        case ModelReplicaActor.Command other -> throw new AssertionError(other);
      }
    }
    return flights;
  }

  private Told expectTold() throws InterruptedException {
    Told told = everything.poll(30, TimeUnit.SECONDS);
    assertThat(told).isNotNull();
    return told;
  }

  private void ask(long correlation, long millis) {
    ask(correlation, INPUT, millis);
  }

  private void ask(int number, TestProbe<Reply> asking) {
    router.tell(new Ask(Input.doubles(number), Duration.ofSeconds(60).toNanos(), number, new ReplyTo.There<>(asking.ref())));
  }

  private void ask(long correlation, Input input, long millis) {
    router.tell(new Ask(input, Duration.ofMillis(millis).toNanos(), correlation, new ReplyTo.There<>(asker.ref())));
  }

  private static void answer(Predict predict) {
    predict.replyTo().tell(new Predicted(predict.flight(), OUTPUT, OptionalLong.of(0)));
  }

  private static void refuse(Predict predict, ModelReplicaActor.Reason reason) {
    predict.replyTo().tell(new NotPredicted(predict.flight(), reason, reason.name()));
  }
}
