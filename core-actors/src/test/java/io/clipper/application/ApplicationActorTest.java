package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.ReplyTo;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.Lookups;
import io.clipper.cache.PredictionCache;
import io.clipper.catalog.Application;
import io.clipper.catalog.Canary;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.certainty.Certainty;
import io.clipper.context.ContextSettings;
import io.clipper.context.ContextStore;
import io.clipper.feedback.PredictionLog;
import io.clipper.feedback.PredictionLogSettings;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.selection.Observation;
import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.testkit.JournalOperation;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.ProcessingPolicy;
import org.apache.pekko.persistence.testkit.ProcessingResult;
import org.apache.pekko.persistence.testkit.ProcessingSuccess;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApplicationActorTest {
  private static final ModelId A = new ModelId("a", "1");
  private static final ModelId CANARY = new ModelId("a", "3");
  private static final ModelId B = new ModelId("b", "1");
  private static final Input INPUT = Input.doubles(1, 2);
  private static final Duration SOON = Duration.ofMillis(30);
  private static final Duration LONG = Duration.ofSeconds(20);

  private static ActorTestKit kit = ActorTestKit.create();

  private final AtomicLong hand = new AtomicLong();
  private final DeadlineClock deadlines = new DeadlineClock(hand::get);
  private final TestProbe<ReplicaRouterActor.Command> replicas = kit.createTestProbe();
  private final TestProbe<ApplicationActor.Reply> client = kit.createTestProbe();
  private final TestProbe<StatusReply<Feedback.Receipt>> feedbackClient = kit.createTestProbe();
  private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Catalog catalog = Catalog.EMPTY;
  private String url = "";
  private Database database;
  private PredictionLog log;
  private ContextStore contexts;
  private PredictionCache cache;
  private ActorRef<ApplicationActor.Command> loop;

  @BeforeAll
  static void startSystem() {
    kit.shutdownTestKit();
    kit =
        ActorTestKit.create(
            PersistenceTestKitPlugin.getInstance()
                .config()
                .withFallback(PersistenceTestKitSnapshotPlugin.config())
                .withFallback(ConfigFactory.load()));
  }

  @AfterAll
  static void stopSystem() {
    kit.shutdownTestKit();
  }

  @BeforeEach
  void startLoop() {
    journal.clearAll();
    journal.resetPolicy();
    url = "jdbc:h2:mem:loop-" + UUID.randomUUID();
    database = TestDatabase.prepared(url);
    log = openLog();
    contexts = ContextStore.open(database);
    cache = new PredictionCache(new CacheSettings(1 << 20, Optional.empty()), System::nanoTime, registry);
    catalog = catalog(LearningSettings.DEFAULT);
    loop = spawnLoop();
  }

  private PredictionLog openLog() {
    return PredictionLog.open(
        database, new PredictionLogSettings(1 << 20, 1 << 20, 1 << 20, Duration.ofMillis(1), Duration.ofHours(1), 1 << 20), 1024, InstantSource.system());
  }

  @AfterEach
  void stopLoop() {
    kit.stop(loop);
    log.close();
    contexts.close();
    database.close();
    deadlines.close();
  }

  @Test
  void theAnswerComesAsSoonAsAllHaveAnswered() {
    predict(LONG);
    answer(A, Output.of(3L));
    client.expectNoMessage(Duration.ofMillis(20));
    answer(B, Output.of(3L));

    Prediction prediction = prediction();
    assertThat(prediction.output()).isEqualTo(Output.of(3L));
    assertThat(prediction.agreement()).hasValue(1);
    assertThat(prediction.isDefault()).isFalse();
  }

  @Test
  void atTheDeadlineTheAnswerIsWhatHasArrived() {
    predict(SOON);
    answer(A, Output.of(3L));
    pass(SOON);

    Prediction prediction = prediction();
    assertThat(prediction.output()).isEqualTo(Output.of(3L));
    assertThat(prediction.agreement()).hasValue(0.5);
    assertThat(prediction.models()).extracting(Prediction.ModelAnswer::late).containsExactly(false, true);
  }

  @Test
  void answersAreCombinedAsTheApplicationSays() {
    catalog = catalog(combining("median"));
    predict(LONG);
    answer(A, Output.of(1.0));
    answer(B, Output.of(4.0));

    assertThat(prediction().output()).isEqualTo(Output.of(2.5));
  }

  @Test
  void anAnswerCarriesASetThatItsLabelsCalibrate() {
    catalog = catalog(sure(new CertaintySettings(Optional.of(0.9), "platt", "adwin")));
    predict(LONG);
    answer(A, Output.of("cat"));
    answer(B, Output.of("dog"));
    Prediction first = prediction();
    assertThat(first.certainty()).contains(new Certainty.PredictionSet(List.of("cat", "dog"), true, false));
    label(first.queryId(), "cat");
    for (int i = 1; i < 12; i++) {
      predict(LONG);
      answer(A, Output.of("cat"));
      answer(B, Output.of("dog"));
      label(prediction().queryId(), "cat");
    }

    predict(LONG);
    answer(A, Output.of("cat"));
    answer(B, Output.of("dog"));
    Prediction later = prediction();
    assertThat(later.certainty()).get().extracting(Certainty::calibrated).isEqualTo(true);
    assertThat(later.confidence()).isNotEqualTo(first.confidence());

    LearnedState.Assured assured = state().assured().orElseThrow();
    assertThat(assured.wanted()).hasValue(0.9);
    assertThat(assured.labels()).isEqualTo(12);
    assertThat(assured.labelled().orElseThrow()).isBetween(0.8, 1.0);
  }

  @Test
  void theCombinerLearnsFromLabels() {
    catalog = catalog(combining("bayesian-average"));
    for (int i = 0; i < 30; i++) {
      predict(LONG);
      answer(A, Output.of(1.0 + i % 3));
      answer(B, Output.of(5.0 - i % 2));
      label(prediction().queryId(), Double.toString(1.1 + i % 3));
    }

    predict(LONG);
    answer(A, Output.of(1.0));
    answer(B, Output.of(5.0));
    assertThat(prediction().output().number().orElseThrow()).isCloseTo(1.0, Offset.offset(0.1));
  }

  @Test
  void whoIsAskedInTheShadowIsLearnedOfAndNotWaitedFor() {
    catalog = catalog(shadowed("single"));
    predict(LONG);
    answer(A, Output.of(3L));
    Prediction prediction = prediction();
    assertThat(prediction.output()).isEqualTo(Output.of(3L));
    answer(B, Output.of(8L));

    assertThat(label(prediction.queryId(), "3").models()).isEqualTo(2);
    assertThat(state().candidates().get(1).observations()).isEqualTo(1);
  }

  @Test
  void whoAnswersInTimeIsNotLateForNotBeingWaitedFor() {
    catalog = catalog(shadowed("single"));
    predict(LONG);
    answer(A, Output.of(3L));
    long queryId = prediction().queryId();
    answer(B, Output.of(3L));
    label(queryId, "3");

    assertThat(state().candidates().get(1).meanLoss()).hasValue(0);
  }

  /** It answers each query, right, and after the deadline. */
  @Test
  void aModelThatIsAlwaysLateCostsNoDefaultAndSoonNoTime() {
    for (int i = 0; i < 20; i++) {
      predict(SOON);
      ReplicaRouterActor.Ask late = replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
      answer(B, Output.of((long) i));
      pass(SOON);
      Prediction prediction = prediction();
      assertThat(prediction.isDefault()).isFalse();
      late.replyTo().tell(new ReplicaRouterActor.Answered(late.correlation(), A, Output.of((long) i)));
      label(prediction.queryId(), Integer.toString(i));
    }
    assertThat(state().candidates().get(0).meanLoss()).hasValue(0.5);
    assertThat(state().candidates().get(0).weight()).isLessThan(0.1);

    predict(LONG);
    replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
    answer(B, Output.of(3L));
    assertThat(prediction().output()).isEqualTo(Output.of(3L));
  }

  /** For its first silences the deadline is waited for; then it is asked for learning's sake only. */
  @Test
  void aModelThatNeverAnswersCostsNoDefaultAndSoonNoTime() {
    for (int i = 0; i < 60; i++) {
      predict(i < 25 ? SOON : LONG);
      ReplicaRouterActor.Ask late = replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
      answer(B, Output.of((long) i));
      if (i < 25) {
        pass(SOON);
      }
      Prediction prediction = prediction();
      assertThat(prediction.isDefault()).isFalse();
      late.replyTo().tell(new ReplicaRouterActor.Unanswered(late.correlation(), A, ReplicaRouterActor.Reason.FAILED, "too slow"));
      label(prediction.queryId(), Integer.toString(i));
    }

    assertThat(state().candidates().get(0).meanLoss()).hasValue(1);
    assertThat(state().candidates().get(0).weight()).isLessThan(0.01);
  }

  @Test
  void whereNothingArrivedItIsTheDefaultWithTheReason() {
    predict(SOON);
    pass(SOON);

    Prediction prediction = prediction();
    assertThat(prediction.output()).isEqualTo(Output.of("-1"));
    assertThat(prediction.defaultReason()).contains(Prediction.LATE);
  }

  @Test
  void withoutReplicasTheDefaultComesAtOnce() {
    predict(LONG);
    refuse(A, ReplicaRouterActor.Reason.NO_REPLICA);
    refuse(B, ReplicaRouterActor.Reason.NO_REPLICA);

    assertThat(prediction().defaultReason()).contains(Prediction.NO_MODELS);
  }

  @Test
  void knownAnswersAskNobody() {
    cache.put(INPUT, A, Output.of(3L));
    cache.put(INPUT, B, Output.of(8L));
    predict(LONG);

    assertThat(prediction().models()).allMatch(Prediction.ModelAnswer::cached);
    replicas.expectNoMessage(Duration.ofMillis(20));
  }

  @Test
  void aLabelMovesTheWeights() {
    long queryId = answered(Output.of(3L), Output.of(8L)).queryId();

    assertThat(label(queryId, "3")).isEqualTo(new Feedback.Receipt(queryId, true, 2));
    assertThat(state().candidates().get(0).weight()).isGreaterThan(state().candidates().get(1).weight());
  }

  @Test
  void theSameQueryIsJudgedOnce() {
    long queryId = answered(Output.of(3L), Output.of(8L)).queryId();
    label(queryId, "3");

    assertThat(label(queryId, "3").observed()).isFalse();
    assertThat(state().observations()).isEqualTo(1);
  }

  @Test
  void aLateAnswerIsJudgedByItsLatenessAndItsLoss() {
    predict(SOON);
    answer(A, Output.of(3L));
    pass(SOON);
    long queryId = prediction().queryId();
    answer(B, Output.of(3L));
    label(queryId, "3");

    assertThat(state().candidates().get(1).meanLoss()).hasValue(0.5);
  }

  @Test
  void whatNeverLeftTheQueueJudgesNobody() {
    predict(LONG);
    answer(A, Output.of(3L));
    refuse(B, ReplicaRouterActor.Reason.EXPIRED);
    long queryId = prediction().queryId();

    assertThat(label(queryId, "3")).isEqualTo(new Feedback.Receipt(queryId, true, 1));
    assertThat(state().candidates().get(1).observations()).isZero();
  }

  @Test
  void whatNobodyLetInIsRefusedAndJudgesWhoIsTooSlow() {
    predict(LONG);
    refuse(A, ReplicaRouterActor.Reason.OVERLOADED);
    refuse(B, ReplicaRouterActor.Reason.TOO_SLOW);

    Prediction prediction = prediction();
    assertThat(prediction.isDefault()).isTrue();
    assertThat(prediction.refused()).isTrue();
    assertThat(label(prediction.queryId(), "3").models()).isEqualTo(1);
    assertThat(state().candidates().get(1).meanLoss()).hasValue(1);
  }

  @Test
  void whatAModelFailedIsNotRefused() {
    predict(LONG);
    refuse(A, ReplicaRouterActor.Reason.OVERLOADED);
    refuse(B, ReplicaRouterActor.Reason.FAILED);

    assertThat(prediction().refused()).isFalse();
  }

  @Test
  void aQueryThatIsWithdrawnLeavesItsModelsAndIsNotAnswered() {
    predict(LONG);
    ReplicaRouterActor.Ask answered = answer(A, Output.of(3L));
    ReplicaRouterActor.Ask silent = replicas.expectMessageClass(ReplicaRouterActor.Ask.class);

    loop.tell(new ApplicationActor.Withdraw(1, new ReplyTo.There<>(client.getRef())));

    ReplicaRouterActor.Withdraw withdrawn = replicas.expectMessageClass(ReplicaRouterActor.Withdraw.class);
    assertThat(withdrawn).isEqualTo(new ReplicaRouterActor.Withdraw(INPUT, silent.correlation(), silent.replyTo()));
    silent.replyTo().tell(new ReplicaRouterActor.Answered(silent.correlation(), B, Output.of(3L)));
    assertThat(label(answered.correlation(), "3").observed()).isFalse();
    client.expectNoMessage(Duration.ofMillis(20));
  }

  @Test
  void whatWasAnsweredIsNotWithdrawn() {
    predict(SOON);
    answer(A, Output.of(3L));
    pass(SOON);
    long queryId = prediction().queryId();

    loop.tell(new ApplicationActor.Withdraw(1, new ReplyTo.There<>(client.getRef())));
    answer(B, Output.of(3L));

    assertThat(label(queryId, "3").models()).isEqualTo(2);
  }

  @Test
  void feedbackOnAnInputAsksTheModelsThatAreNotKnown() {
    cache.put(INPUT, A, Output.of(3L));
    Feedback feedback = new Feedback("digits", new Feedback.OfInput(INPUT), new Feedback.Label("3"), Optional.empty(), Optional.empty());
    loop.tell(new ApplicationActor.Observe(feedback, feedbackClient.getRef()));
    answer(B, Output.of(8L));

    assertThat(receipt().models()).isEqualTo(2);
    assertThat(state().candidates().get(1).meanLoss()).hasValue(1);
  }

  @Test
  void whoIsChosenAndWhoIsMissingIsCounted() {
    cache.put(INPUT, A, Output.of(3L));
    predict(SOON);
    replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
    pass(SOON);
    prediction();
    predict(LONG);
    answer(B, Output.of(3L));
    prediction();

    assertThat(of(A, registry.get(LoopMeters.SELECTION)).counter().count()).isEqualTo(2);
    assertThat(of(B, registry.get(LoopMeters.SELECTION)).counter().count()).isEqualTo(2);
    assertThat(of(A, registry.get(LoopMeters.MISSING)).counter().count()).isZero();
    assertThat(of(B, registry.get(LoopMeters.MISSING)).counter().count()).isEqualTo(1);
    assertThat(registry.get(Lookups.NAME).tag("model_name", A.name()).tag("result", "hit").counter().count()).isEqualTo(2);
  }

  @Test
  void whoIsAskedInTheShadowIsNotCountedAsChosen() {
    catalog = catalog(shadowed("single"));
    predict(LONG);
    answer(A, Output.of(3L));
    answer(B, Output.of(8L));
    prediction();

    assertThat(of(A, registry.get(LoopMeters.SELECTION)).counter().count()).isEqualTo(1);
    assertThat(registry.find(LoopMeters.SELECTION).tag("model_name", B.name()).counters()).allMatch(chosen -> chosen.count() == 0);
  }

  @Test
  void whatFeedbackTaughtAndHowSureTheAnswersWereIsCounted() {
    long queryId = answered(Output.of(3L), Output.of(8L)).queryId();
    label(queryId, "3");
    label(queryId, "3");
    label(queryId + 1024, "3");

    DistributionSummary confidence = registry.get(LoopMeters.CONFIDENCE).tag("app", "digits").summary();
    assertThat(confidence.count()).isEqualTo(1);
    assertThat(confidence.totalAmount()).isEqualTo(0.5);
    assertThat(of(A, registry.get(LoopMeters.LOSS)).summary().count()).isEqualTo(1);
    assertThat(of(A, registry.get(LoopMeters.LOSS)).summary().totalAmount()).isZero();
    assertThat(of(B, registry.get(LoopMeters.LOSS)).summary().totalAmount()).isEqualTo(1);
    assertThat(registry.get(LoopMeters.UNMATCHED).tag("app", "digits").counter().count()).isEqualTo(1);
  }

  @Test
  void aModelsProbabilityIsWhatItWeighedLast() {
    Prediction first = answered(Output.of(3L), Output.of(8L));
    assertThat(of(A, registry.get(LoopMeters.PROBABILITY)).gauge().value()).isEqualTo(0.5);
    label(first.queryId(), "3");

    Prediction second = answered(Output.of(3L), Output.of(8L));

    double weight = second.models().get(0).weight();
    assertThat(weight).isGreaterThan(0.5);
    assertThat(of(A, registry.get(LoopMeters.PROBABILITY)).gauge().value()).isEqualTo(weight);
  }

  @Test
  void whatWasLearnedIsTheSameAfterARestart() {
    for (int i = 0; i < 10; i++) {
      label(answered(Output.of((long) i % 3), Output.of(1L)).queryId(), "1");
    }
    LearnedState before = state();

    kit.stop(loop);
    loop = spawnLoop();

    assertThat(state()).isEqualTo(before);
  }

  /** The loop that gave the answers is gone, so that each is found in the log. */
  @Test
  void labelsThatComeLateAndInAnyOrderCountOnceEach() {
    cache.put(INPUT, A, Output.of(3L));
    cache.put(INPUT, B, Output.of(8L));
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      predict(LONG);
      ids.add(prediction().queryId());
    }
    kit.stop(loop);
    loop = spawnLoop();

    for (int i : new int[] {4, 0, 3, 1}) {
      assertThat(label(ids.get(i), "3")).isEqualTo(new Feedback.Receipt(ids.get(i), true, 2));
    }
    for (int i : new int[] {0, 4}) {
      assertThat(label(ids.get(i), "8")).isEqualTo(new Feedback.Receipt(ids.get(i), false, 0));
    }
    assertThat(state().observations()).isEqualTo(4);
    assertThat(state().candidates().get(0).meanLoss()).hasValue(0);
  }

  /** By age or by bytes, and with the loop gone that remembered it. */
  @Test
  void whatTheLogHasLetGoIsNotJudgedAndWhatIsNeverJudgedTeachesNothing() throws SQLException {
    cache.put(INPUT, A, Output.of(3L));
    cache.put(INPUT, B, Output.of(8L));
    predict(LONG);
    long gone = prediction().queryId();
    kit.stop(loop);
    log.close();
    TestDatabase.run(database, "DELETE FROM prediction_log;\n");
    log = openLog();
    loop = spawnLoop();
    predict(LONG);
    long kept = prediction().queryId();
    predict(LONG);
    prediction();

    assertThat(label(kept, "3")).isEqualTo(new Feedback.Receipt(kept, true, 2));
    assertThat(label(gone, "3")).isEqualTo(new Feedback.Receipt(gone, false, 0));
    assertThat(state().observations()).isEqualTo(1);
  }

  @Test
  void whatIsJudgedLateIsDividedByTheProbabilityItWasAskedWith() {
    catalog = catalog(playing("exp3"));
    cache.put(INPUT, A, Output.of(3L));
    cache.put(INPUT, B, Output.of(8L));
    predict(LONG);
    long first = prediction().queryId();
    for (int i = 0; i < 30; i++) {
      predict(LONG);
      label(prediction().queryId(), "3");
    }
    assertThat(state().candidates().get(0).weight()).isGreaterThan(0.6);

    assertThat(label(first, "3").observed()).isTrue();

    assertThat(lastLesson().queryId()).isEqualTo(first);
    assertThat(lastLesson().observation().judged()).extracting(Observation.Judged::probability).containsExactly(0.5);
  }

  /** Thompson's probabilities are counted when the label comes, from what was known when it chose. */
  @Test
  void whatIsJudgedLateIsDividedByWhatItsStateAtThatTimeSays() {
    catalog = catalog(playing("thompson"));
    cache.put(INPUT, A, Output.of(3L));
    cache.put(INPUT, B, Output.of(8L));
    double equal = state().candidates().get(0).weight();
    predict(LONG);
    Prediction first = prediction();
    for (int i = 0; i < 60; i++) {
      predict(LONG);
      label(prediction().queryId(), "3");
    }
    assertThat(state().candidates().get(0).weight()).isGreaterThan(0.8);

    assertThat(label(first.queryId(), "3").observed()).isTrue();

    double chosen = first.models().getFirst().model().equals(A) ? equal : 1 - equal;
    assertThat(first.models()).singleElement().satisfies(answer -> assertThat(answer.weight()).isOne());
    assertThat(lastLesson().observation().judged())
        .singleElement()
        .satisfies(judged -> assertThat(judged.probability()).isEqualTo(chosen, within(1e-9)));
  }

  @Test
  void anApplicationThatComesBackUnderItsNameKnowsNothing() {
    catalog = numbered(Map.of("application digits", 1L, "version a:1", 2L, "version b:1", 3L));
    long judged = answered(Output.of(3L), Output.of(8L)).queryId();
    label(judged, "3");
    long late = answered(Output.of(3L), Output.of(8L)).queryId();
    assertThat(state().observations()).isEqualTo(1);

    catalog = numbered(Map.of("application digits", 5L, "version a:1", 2L, "version b:1", 3L));

    assertThat(state().observations()).isZero();
    assertThat(label(late, "3").observed()).isFalse();
    long next = answered(Output.of(3L), Output.of(8L)).queryId();
    assertThat(next).isGreaterThan(late);
    assertThat(label(next, "3").models()).isEqualTo(2);
  }

  @Test
  void aVersionThatComesBackUnderItsNameKnowsNothing() {
    catalog = numbered(Map.of("application digits", 1L, "version a:1", 2L, "version b:1", 3L));
    label(answered(Output.of(3L), Output.of(8L)).queryId(), "3");
    long late = answered(Output.of(3L), Output.of(8L)).queryId();

    catalog = numbered(Map.of("application digits", 1L, "version a:1", 2L, "version b:1", 7L));

    assertThat(state().candidates()).extracting(LearnedState.CandidateState::observations).containsExactly(1L, 0L);
    assertThat(label(late, "3").models()).isEqualTo(1);
    assertThat(state().candidates()).extracting(LearnedState.CandidateState::observations).containsExactly(2L, 0L);
    LearnedState before = state();

    kit.stop(loop);
    loop = spawnLoop();

    assertThat(state()).isEqualTo(before);
  }

  @Test
  void anIdIsNotGivenAgainAfterARestart() {
    long before = answered(Output.of(3L), Output.of(8L)).queryId();
    label(before, "3");

    kit.stop(loop);
    loop = spawnLoop();

    assertThat(answered(Output.of(3L), Output.of(8L)).queryId()).isGreaterThan(before);
  }

  @Test
  void aConfidenceBelowTheThresholdGivesTheDefaultAndKeepsTheAnswerToJudge() {
    catalog = catalog(threshold(0.9));
    Prediction prediction = answered(Output.of(3L), Output.of(8L));

    assertThat(prediction.output()).isEqualTo(Output.of("-1"));
    assertThat(prediction.rejected()).contains(Output.of(3L));
    assertThat(label(prediction.queryId(), "3").models()).isEqualTo(2);
  }

  @Test
  void aVersionInRolloutIsStoodInForByTheOneBeforeUntilItIsWarm() {
    ModelVersion next = ModelVersion.of(new ModelId("a", "2"), InputType.DOUBLES.signature(), new RuntimeSpec.Announced(), Optional.empty());
    Map<String, ModelVersion> versions = new LinkedHashMap<>(Map.of("1", ModelVersion.of(A, InputType.DOUBLES.signature(), new RuntimeSpec.Announced(), Optional.empty())));
    versions.put("2", next);
    Map<String, Model> models = new LinkedHashMap<>(catalog.models());
    models.put("a", new Model("a", versions, Optional.of("2"), List.of("1"), 1));
    catalog = new Catalog(2, catalog.applications(), models);
    predict(LONG);

    assertThat(answer(A, Output.of(3L)).input()).isEqualTo(INPUT);
  }

  @Test
  void whoseContextIsACanarysIsAnsweredByIt() {
    Application single =
        new Application("digits", InputType.DOUBLES.signature(), Duration.ofMillis(20), "-1", LearningSettings.DEFAULT, List.of("a"));
    Map<String, ModelVersion> versions = new LinkedHashMap<>();
    for (ModelId id : List.of(A, CANARY)) {
      versions.put(id.version(), ModelVersion.of(id, InputType.DOUBLES.signature(), new RuntimeSpec.Announced(), Optional.empty()));
    }
    Canary canary = new Canary(CANARY.version(), 50);
    catalog = new Catalog(2, Map.of("digits", single), Map.of("a", new Model("a", versions, Optional.of("1"), List.of(), 1, Optional.of(canary))));
    String user = IntStream.range(0, 100).mapToObj(number -> "user-" + number).filter(name -> canary.takes("a", name)).findFirst().orElseThrow();
    Query query = new Query("digits", INPUT, Optional.of(user), Optional.empty(), Optional.empty());

    loop.tell(new ApplicationActor.Predict(query, hand.get() + LONG.toNanos(), 1, new ReplyTo.There<>(client.getRef())));
    answer(CANARY, Output.of(7L));

    Prediction prediction = prediction();
    assertThat(prediction.output()).isEqualTo(Output.of(7L));
    assertThat(prediction.models()).extracting(Prediction.ModelAnswer::weight).containsExactly(1.0);
  }

  @Test
  void whatWasLearnedIsNotSaidToBeNothingWhileItCannotBeRead() {
    TestProbe<StatusReply<LearnedState>> asker = kit.createTestProbe();
    label(answered(Output.of(3L), Output.of(4L)).queryId(), "3");
    kit.stop(loop);
    journal.failNextNReads(LedgerActor.persistenceId("digits", 0).id(), Integer.MAX_VALUE);
    loop = spawnLoop(Duration.ofMillis(1));

    loop.tell(new ApplicationActor.GetState(Optional.empty(), asker.getRef()));

    Refused unread = new Refused(Refused.Reason.UNAVAILABLE, "what the application has learned cannot be read yet");
    assertThat(asker.receiveMessage().getError()).isEqualTo(unread);
    journal.resetPolicy();
    asker.awaitAssert(
        () -> {
          loop.tell(new ApplicationActor.GetState(Optional.empty(), asker.getRef()));
          StatusReply<LearnedState> reply = asker.receiveMessage();
          assertThat(reply.isSuccess()).isTrue();
          assertThat(reply.getValue().observations()).isEqualTo(1);
          return reply;
        });
  }

  /** The log's database may be gone with the ledger's: nobody waits for it then. */
  @Test
  void whileTheLedgerDoesNotAnswerNoPredictionIsLookedFor() {
    kit.stop(loop);
    journal.failNextNReads(LedgerActor.persistenceId("digits", 0).id(), Integer.MAX_VALUE);
    loop = spawnLoop(Duration.ofMillis(1));

    Feedback feedback = new Feedback("digits", new Feedback.OfQuery(5 << 10), new Feedback.Label("1"), Optional.empty(), Optional.empty());
    loop.tell(new ApplicationActor.Observe(feedback, feedbackClient.getRef()));

    Refused silent = new Refused(Refused.Reason.UNAVAILABLE, "the feedback store does not answer; nothing was recorded");
    assertThat(feedbackClient.receiveMessage().getError()).isEqualTo(silent);
  }

  @Test
  void whatComesWhileTheLoopLeavesIsAnsweredAtOnceAndWhatItWasTaughtIsKept() {
    TestProbe<Object> watcher = kit.createTestProbe();
    long queryId = answered(Output.of(3L), Output.of(4L)).queryId();
    predict(LONG);
    answer(A, Output.of(3L));
    HeldWrites held = new HeldWrites();
    journal.withPolicy(held);
    loop.tell(observe(queryId));
    loop.tell(new ApplicationActor.Drain());

    assertThat(prediction().models()).as("with what has come").extracting(Prediction.ModelAnswer::output).containsExactly(Optional.of(Output.of(3L)), Optional.empty());
    predict(LONG);
    Prediction late = prediction();
    loop.tell(observe(queryId));

    assertThat(late.output()).isEqualTo(Output.of("-1"));
    assertThat(late.defaultReason()).contains(Prediction.MOVING);
    assertThat(late.queryId()).isEqualTo(Prediction.NO_QUERY_ID);
    assertThat(feedbackClient.receiveMessage().getError()).isEqualTo(moving());
    held.release();
    assertThat(receipt()).isEqualTo(new Feedback.Receipt(queryId, true, 2));
    watcher.expectTerminated(loop);
  }

  @Test
  void aLabelWhoseQueryIsStillLookedForWhenTheLoopLeavesIsToldAtOnce() throws SQLException {
    TestProbe<Object> watcher = kit.createTestProbe();
    state();
    try (Connection held = TestDatabase.H2.holding(url, "prediction_log")) {
      loop.tell(observe(5 * QueryIds.PARTITIONS));
      loop.tell(new ApplicationActor.Drain());

      assertThat(feedbackClient.receiveMessage().getError()).isEqualTo(moving());
      assertThat(held.isClosed()).isFalse();
    }
    watcher.expectTerminated(loop);
  }

  /** The label may reach the node that has the loop next before anything else does. */
  @Test
  void whatWasAnsweredIsInTheLogWhenTheLoopHasLeft() {
    TestProbe<Object> watcher = kit.createTestProbe();
    long queryId = answered(Output.of(3L), Output.of(4L)).queryId();
    loop.tell(new ApplicationActor.Drain());
    watcher.expectTerminated(loop);

    try (PredictionLog next = openLog()) {
      assertThat(next.find("digits", queryId).toCompletableFuture().join()).isPresent();
    }
  }

  /** Of each model it is no more than goes, of all together it is. */
  @Test
  void modelsOutputsThatAreTogetherTooMuchForAnotherNodeAreLeftOutOnTheWayThere() {
    Output large = Output.of(Tensor.ofUnsignedBytes(new byte[(8 << 20) - 1]));

    Prediction there = answered(large, large);

    assertThat(there.output()).isEqualTo(large);
    assertThat(there.models()).extracting(Prediction.ModelAnswer::output).containsOnly(Optional.empty());
    CompletableFuture<ApplicationActor.Reply> here = new CompletableFuture<>();
    loop.tell(new ApplicationActor.Predict(Query.of("digits", INPUT), hand.get() + LONG.toNanos(), 2, new ReplyTo.Here<>(here::complete)));
    answer(A, large);
    answer(B, large);
    assertThat(((ApplicationActor.Predicted) here.join()).prediction().models()).extracting(Prediction.ModelAnswer::output).containsOnly(Optional.of(large));
  }

  private static Refused moving() {
    return new Refused(Refused.Reason.UNAVAILABLE, "the application is moving to another node");
  }

  private ApplicationActor.Observe observe(long queryId) {
    Feedback feedback = new Feedback("digits", new Feedback.OfQuery(queryId), new Feedback.Label("3"), Optional.empty(), Optional.empty());
    return new ApplicationActor.Observe(feedback, feedbackClient.getRef());
  }

  /** What is to be written waits until the test lets it go. */
  private static final class HeldWrites implements ProcessingPolicy<JournalOperation> {
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public ProcessingResult tryProcess(String persistenceId, JournalOperation operation) {
      try {
        released.await();
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
      return ProcessingSuccess.getInstance();
    }

    void release() {
      released.countDown();
    }
  }

  private ActorRef<ApplicationActor.Command> spawnLoop() {
    return spawnLoop(Duration.ofSeconds(5));
  }

  /** @param patience with its ledger */
  private ActorRef<ApplicationActor.Command> spawnLoop(Duration patience) {
    Supplier<Set<ModelId>> ready = new Supplier<>() {
          private final Set<ModelId> both = Set.of(A, B, CANARY);

          @Override
          public Set<ModelId> get() {
            return both;
          }
        };
    ApplicationSettings settings =
        new ApplicationSettings(
            Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(4), patience, 20);
    LoopsHere here = new LoopsHere();
    ServingParts parts =
        new ServingParts(
            () -> catalog,
            cache,
            model -> replicas.getRef(),
            ready,
            deadlines,
            Optional.of(log),
            Optional.of(contexts),
            new ContextSettings(1 << 20, Duration.ofMillis(20), Duration.ofSeconds(2), 10),
            (entity, ledger) -> {},
            settings,
            new AnswerLead(settings.answerLead()),
            () -> new Random(1),
            hand::get,
            here,
            new HeardLedgers(here),
            new LoopMeters(registry),
            "here");
    return kit.spawn(ApplicationActor.create(parts, "digits", 0));
  }

  private static RequiredSearch of(ModelId model, RequiredSearch search) {
    return search.tag("app", "digits").tag("model_name", model.name()).tag("model_version", model.version());
  }

  private void predict(Duration budget) {
    loop.tell(new ApplicationActor.Predict(Query.of("digits", INPUT), hand.get() + budget.toNanos(), 1, new ReplyTo.There<>(client.getRef())));
  }

  /** Moves the clock when the loop has taken all that it was told. */
  private void pass(Duration time) {
    state();
    long before = hand.getAndAdd(time.toNanos());
    deadlines.at(before, () -> {}); // its thread sleeps by real time
  }

  private Prediction prediction() {
    return client.expectMessageClass(ApplicationActor.Predicted.class).prediction();
  }

  private Prediction answered(Output a, Output b) {
    predict(LONG);
    answer(A, a);
    answer(B, b);
    return prediction();
  }

  /** The models are asked in the order of the links. */
  private ReplicaRouterActor.Ask answer(ModelId model, Output output) {
    ReplicaRouterActor.Ask ask = replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
    ask.replyTo().tell(new ReplicaRouterActor.Answered(ask.correlation(), model, output));
    return ask;
  }

  private void refuse(ModelId model, ReplicaRouterActor.Reason reason) {
    ReplicaRouterActor.Ask ask = replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
    ask.replyTo().tell(new ReplicaRouterActor.Unanswered(ask.correlation(), model, reason, "refused"));
  }

  private Feedback.Receipt label(long queryId, String label) {
    Feedback feedback = new Feedback("digits", new Feedback.OfQuery(queryId), new Feedback.Label(label), Optional.empty(), Optional.empty());
    loop.tell(new ApplicationActor.Observe(feedback, feedbackClient.getRef()));
    return receipt();
  }

  private Feedback.Receipt receipt() {
    return feedbackClient.receiveMessage().getValue();
  }

  private Lesson lastLesson() {
    List<LedgerEvent.Learned> written =
        journal.persistedInStorage(LedgerActor.persistenceId("digits", 0).id()).stream()
            .filter(LedgerEvent.Learned.class::isInstance)
            .map(LedgerEvent.Learned.class::cast)
            .toList();
    return written.getLast().lessons().getLast();
  }

  private LearnedState state() {
    TestProbe<StatusReply<LearnedState>> probe = kit.createTestProbe();
    loop.tell(new ApplicationActor.GetState(Optional.empty(), probe.getRef()));
    return probe.receiveMessage().getValue();
  }

  private Catalog numbered(Map<String, Long> added) {
    return new Catalog(catalog.revision() + 1, catalog.applications(), catalog.models(), Optional.of(added));
  }

  private static LearningSettings threshold(double threshold) {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        d.policy(), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), Optional.of(threshold), d.tolerance(), d.onOverload(),
        d.partitions(), d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
  }

  private static LearningSettings playing(String policy) {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        Optional.of(policy), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), d.partitions(), d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
  }

  private static LearningSettings shadowed(String policy) {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        Optional.of(policy), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), d.partitions(), 1, d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
  }

  private static LearningSettings sure(CertaintySettings certainty) {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        d.policy(), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), d.partitions(), d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), certainty);
  }

  private static LearningSettings combining(String combiner) {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        d.policy(), d.policyOptions(), Optional.of(combiner), d.combinerOptions(), "squared", d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), d.partitions(), d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
  }

  private static Catalog catalog(LearningSettings learning) {
    Application digits =
        new Application("digits", InputType.DOUBLES.signature(), Duration.ofMillis(20), "-1", learning, List.of("a", "b"));
    Map<String, Model> models = new LinkedHashMap<>();
    for (ModelId id : List.of(A, B)) {
      ModelVersion version = ModelVersion.of(id, InputType.DOUBLES.signature(), new RuntimeSpec.Announced(), Optional.empty());
      models.put(id.name(), new Model(id.name(), Map.of("1", version), Optional.of("1"), List.of(), 1));
    }
    return new Catalog(1, Map.of("digits", digits), models);
  }
}
