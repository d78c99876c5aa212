package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.ReplyTo;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.PredictionCache;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.context.ContextSettings;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import io.clipper.selection.PolicySettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StandInActorTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final ModelId A = new ModelId("a", "1");
  private static final ModelId B = new ModelId("b", "1");
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(50);

  private final AtomicLong hand = new AtomicLong();
  private final DeadlineClock deadlines = new DeadlineClock(hand::get);
  private final TestProbe<ReplicaRouterActor.Command> replicas = KIT.createTestProbe();
  private final TestProbe<ApplicationActor.Reply> client = KIT.createTestProbe();
  private final AtomicReference<Ledger> heard = new AtomicReference<>(Ledger.start());
  private final ActorRef<ApplicationActor.Command> standIn = KIT.spawn(StandInActor.create(parts(), "shop", () -> Objects.requireNonNull(heard.get())));

  @AfterEach
  void close() {
    deadlines.close();
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void itCombinesByWhatTheLoopHadLearnedAndGivesNoId() {
    heard.set(trusting(B));
    Prediction prediction = answered();

    assertThat(prediction.output()).isEqualTo(Output.of("by b"));
    assertThat(prediction.queryId()).isEqualTo(Prediction.NO_QUERY_ID);
    assertThat(prediction.isDefault()).isFalse();
    assertThat(prediction.models()).hasSize(2);
  }

  @Test
  void eachOfTwoAtOnceIsAnswered() {
    heard.set(trusting(B));
    predict(Optional.empty(), LONG);
    predict(Optional.empty(), LONG);
    for (int i = 0; i < 2; i++) {
      answer("by a", A);
      answer("by b", B);
    }

    assertThat(prediction().output()).isEqualTo(Output.of("by b"));
    assertThat(prediction().output()).isEqualTo(Output.of("by b"));
  }

  @Test
  void whatTheLoopTellsLaterCountsFromTheNextQueryOn() {
    heard.set(trusting(B));
    answered();

    heard.set(trusting(A));

    assertThat(answered().output()).isEqualTo(Output.of("by a"));
  }

  @Test
  void itAnswersThoughNothingWasHeardOfTheLoop() {
    Prediction prediction = answered();

    assertThat(prediction.isDefault()).isFalse();
    assertThat(prediction.models()).extracting(Prediction.ModelAnswer::model).containsExactlyInAnyOrder(A, B);
  }

  @Test
  void atTheDeadlineItAnswersWithWhatHasCome() {
    heard.set(trusting(B));
    predict(Optional.empty(), SHORT);
    answer("by a", A);
    pass(SHORT);

    assertThat(prediction().output()).isEqualTo(Output.of("by a"));
  }

  @Test
  void whereNoModelAnswersItGivesTheDefaultWithTheReason() {
    predict(Optional.empty(), SHORT);
    pass(SHORT);

    Prediction prediction = prediction();
    assertThat(prediction.output()).isEqualTo(Output.of("-1"));
    assertThat(prediction.isDefault()).isTrue();
    assertThat(prediction.queryId()).isEqualTo(Prediction.NO_QUERY_ID);
  }

  @Test
  void ofAContextItKnowsNothingWhichTheAnswerSays() {
    heard.set(trusting(B));
    predict(Optional.of("anna"), LONG);
    answer("by a", A);
    answer("by b", B);

    assertThat(prediction().contextUnread()).isTrue();
  }

  @Test
  void whoeverWithdrawsIsNotAnsweredAndTheModelsAreTold() {
    ReplyTo<ApplicationActor.Reply> me = new ReplyTo.There<>(client.getRef());
    standIn.tell(new ApplicationActor.Predict(query(Optional.empty()), hand.get() + LONG.toNanos(), 7, me));
    replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
    replicas.expectMessageClass(ReplicaRouterActor.Ask.class);

    standIn.tell(new ApplicationActor.Withdraw(7, me));

    replicas.expectMessageClass(ReplicaRouterActor.Withdraw.class);
    replicas.expectMessageClass(ReplicaRouterActor.Withdraw.class);
    assertThat(answered().models()).as("the next is served, and nothing came before").hasSize(2);
  }

  @Test
  void itEndsWithItsApplication() {
    standIn.tell(new ApplicationActor.Drain());

    client.expectTerminated(standIn);
  }

  private Prediction answered() {
    predict(Optional.empty(), LONG);
    answer("by a", A);
    answer("by b", B);
    return prediction();
  }

  private void predict(Optional<String> context, Duration budget) {
    standIn.tell(
        new ApplicationActor.Predict(query(context), hand.get() + budget.toNanos(), 1, new ReplyTo.There<>(client.getRef())));
  }

  /** Moves the clock when it has taken all that it was told: a query is refused that no two models can answer. */
  private void pass(Duration time) {
    TestProbe<ApplicationActor.Reply> refused = KIT.createTestProbe();
    Query ofAVersion = new Query("shop", Input.doubles(1, 2), Optional.empty(), Optional.empty(), Optional.of("1"));
    standIn.tell(new ApplicationActor.Predict(ofAVersion, hand.get() + LONG.toNanos(), 2, new ReplyTo.There<>(refused.getRef())));
    refused.expectMessageClass(ApplicationActor.NotServed.class);
    long before = hand.getAndAdd(time.toNanos());
    deadlines.at(before, () -> {}); // its thread sleeps by real time
  }

  private void answer(String output, ModelId model) {
    ReplicaRouterActor.Ask ask = replicas.expectMessageClass(ReplicaRouterActor.Ask.class);
    ask.replyTo().tell(new ReplicaRouterActor.Answered(ask.correlation(), model, Output.of(output)));
  }

  private Prediction prediction() {
    return client.expectMessageClass(ApplicationActor.Predicted.class).prediction();
  }

  private static Query query(Optional<String> context) {
    return new Query("shop", Input.doubles(1, 2), context, Optional.empty(), Optional.empty());
  }

  /** What a loop has learned whose one model was always right and the other always wrong. */
  private static Ledger trusting(ModelId right) {
    List<Lesson> lessons = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      List<Judged> judged = List.of(new Judged(A, right.equals(A) ? 0 : 1, 1), new Judged(B, right.equals(B) ? 0 : 1, 1));
      lessons.add(new Lesson((long) i * QueryIds.PARTITIONS, Optional.empty(), Optional.empty(), new Observation(judged, List.of(A, B))));
    }
    return Ledger.start()
        .after(new LedgerEvent.PolicyChanged(new PolicySettings("exp4", Map.of("eta", 0.3))))
        .after(new LedgerEvent.Admitted(List.of(A, B), List.of()))
        .after(new LedgerEvent.Learned(lessons));
  }

  private ServingParts parts() {
    Catalog catalog = catalog();
    Set<ModelId> ready = Set.of(A, B);
    LoopsHere here = new LoopsHere();
    ApplicationSettings settings =
        new ApplicationSettings(
            Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(4), Duration.ofSeconds(5), 20);
    return new ServingParts(
        () -> catalog,
        new PredictionCache(new CacheSettings(1 << 20, Optional.empty()), System::nanoTime),
        model -> replicas.getRef(),
        () -> ready,
        deadlines,
        Optional.empty(),
        Optional.empty(),
        new ContextSettings(1 << 20, Duration.ofMillis(20), Duration.ofSeconds(2), 10),
        (entity, ledger) -> {},
        settings,
        new AnswerLead(settings.answerLead()),
        () -> new Random(1),
        hand::get,
        here,
        new HeardLedgers(here),
        new LoopMeters(new SimpleMeterRegistry()),
        "here");
  }

  private static Catalog catalog() {
    Map<String, Model> models = new LinkedHashMap<>();
    for (ModelId id : List.of(A, B)) {
      ModelVersion version = ModelVersion.of(id, InputType.DOUBLES.signature(), new RuntimeSpec.Announced(), Optional.empty());
      models.put(id.name(), new Model(id.name(), Map.of(id.version(), version), Optional.of(id.version()), List.of(), 1));
    }
    LearningSettings d = LearningSettings.DEFAULT;
    LearningSettings exp4 =
        new LearningSettings(
            Optional.of("exp4"), Map.of("eta", 0.3), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
            d.onOverload(), d.partitions(), d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
    Application shop = new Application("shop", InputType.DOUBLES.signature(), LONG, "-1", exp4, List.of("a", "b"));
    return new Catalog(1, Map.of("shop", shop), models);
  }
}
