package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clipper.cache.CacheSettings;
import io.clipper.cache.PredictionCache;
import io.clipper.catalog.Application;
import io.clipper.catalog.Catalog;
import io.clipper.catalog.LearningSettings;
import io.clipper.context.ContextSettings;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Output;
import io.clipper.replica.ReplicaRouterActor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of an application with a partition for every node. */
class LoopDirectoryTest {
  private static final Duration SOON = Duration.ofMillis(5);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Application SHOP =
      new Application("shop", InputType.DOUBLES.signature(), LONG, "-1", everyNode(), List.of());

  private final ActorTestKit kit = ActorTestKit.create();
  private final DeadlineClock deadlines = new DeadlineClock(System::nanoTime);
  private final ReplyDesk desk = new ReplyDesk(kit.system(), deadlines, System::nanoTime);
  private final LoopsHere here = new LoopsHere();
  /** The loops of other nodes that say so when they are asked whether they serve. To queries all are silent. */
  private final Set<String> serving = ConcurrentHashMap.newKeySet();

  private final LoopDirectory directory =
      new LoopDirectory(kit.system(), kit.spawn(elsewhere()), here, new StandIns(kit.system(), parts()), () -> true, System::nanoTime);
  private final TestProbe<ApplicationActor.Command> loop = kit.createTestProbe();
  private final String byHash = Partitions.entityId("shop", Partitions.numbered(kit.system().address().hostPort()));

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
    deadlines.close();
  }

  @Test
  void whereAPartitionIsHereItIsAskedBeforeAllOthers() {
    here.put("shop/7", loop.getRef());
    assertThat(asked()).isEqualTo("shop/7");

    here.put("shop/3", loop.getRef());
    here.put("other/1", loop.getRef());
    assertThat(asked()).as("of two always the same").isEqualTo("shop/3");

    here.remove("shop/3", loop.getRef());
    assertThat(asked()).isEqualTo("shop/7");
  }

  @Test
  void whereNoneIsHereItGoesByTheNodesAddress() {
    assertThat(asked()).isEqualTo(byHash);

    here.put("shop/7", loop.getRef());
    here.remove("shop/7", loop.getRef());
    assertThat(asked()).as("again").isEqualTo(byHash);
  }

  @Test
  void aContextIsAskedWhereItAlwaysIs() {
    String annas = Partitions.entityId(SHOP, "anna");
    here.put(byHash.equals("shop/7") || annas.equals("shop/7") ? "shop/8" : "shop/7", loop.getRef());
    assertThat(directory.entityId(SHOP, Optional.of("anna"))).isEqualTo(annas);

    silence(annas);

    assertThat(directory.entityId(SHOP, Optional.of("anna"))).as("though it is silent").isEqualTo(annas);
  }

  @Test
  void forOneThatIsSilentTheNextIsAskedUntilItServesAgain() {
    silence(byHash);
    String next = after(byHash);
    assertThat(asked()).isEqualTo(next);

    silence(next);
    assertThat(asked()).isEqualTo(after(next));

    serving.add(byHash);
    await()
        .atMost(LONG)
        .until(
            () -> {
              predict(byHash, SOON);
              return asked().equals(byHash);
            });
  }

  @Test
  void whenAllAreSilentItStaysWithItsOwn() {
    String each = byHash;
    do {
      silence(each);
      each = after(each);
    } while (!each.equals(byHash));

    assertThat(asked()).isEqualTo(byHash);
  }

  @Test
  void aLoopElsewhereIsToldThatMuchLessTimeThanItsAnswersAreOnTheirWay() {
    AtomicLong clock = new AtomicLong();
    ActorTestKit own = ActorTestKit.create();
    ReplyDesk replies = new ReplyDesk(own.system(), deadlines, clock::get);
    TestProbe<ShardingEnvelope<ApplicationActor.Command>> there = kit.createTestProbe();
    LoopDirectory toOthers = new LoopDirectory(kit.system(), there.getRef(), here, new StandIns(kit.system(), parts()), () -> true, clock::get);
    Query query = Query.of("shop", Input.doubles(1, 2));
    long told = 0;
    for (int i = 0; i < 300; i++) {
      ReplyDesk.Slip slip = replies.open(System.nanoTime() + LONG.toNanos(), LoopDirectoryTest::late);
      toOthers.predict(byHash, replyTo -> new ApplicationActor.Predict(query, clock.get() + 10_000_000, slip.correlation(), replyTo), slip);
      var predict = (ApplicationActor.Predict) there.receiveMessage().message();
      told = predict.deadlineNanos() - clock.get();
      clock.addAndGet(1_300_000);
      predict.replyTo().tell(new ApplicationActor.Predicted(predict.correlation(), late(), OptionalLong.of(300_000)));
      slip.answer().toCompletableFuture().join();
    }

    own.shutdownTestKit();
    assertThat(told).isBetween(8_900_000L, 9_100_000L);
  }

  private String asked() {
    return directory.entityId(SHOP, Optional.empty());
  }

  /** Asks until it is answered by the stand-in, which does not wait for the deadline. */
  private void silence(String entityId) {
    await().atMost(LONG).pollDelay(Duration.ZERO).pollInterval(SOON).until(() -> !predict(entityId, SOON).defaultReason().equals(Optional.of(Prediction.LATE)));
  }

  private static String after(String entityId) {
    return Partitions.entityId("shop", 1 + Partitions.partitionOf(entityId) % Partitions.SPREAD);
  }

  private Prediction predict(String entityId, Duration budget) {
    Query query = new Query("shop", Input.doubles(1, 2), Optional.empty(), Optional.empty(), Optional.empty());
    ReplyDesk.Slip slip = desk.open(System.nanoTime() + budget.toNanos(), LoopDirectoryTest::late);
    directory.predict(entityId, replyTo -> new ApplicationActor.Predict(query, System.nanoTime() + LONG.toNanos(), slip.correlation(), replyTo), slip);
    return slip.answer().toCompletableFuture().join();
  }

  private static Prediction late() {
    return new Prediction(
        Prediction.NO_QUERY_ID, Output.of("-1"), Optional.of(Prediction.LATE), false, OptionalDouble.empty(), OptionalDouble.empty(), List.of(), Optional.empty());
  }

  private Behavior<ShardingEnvelope<ApplicationActor.Command>> elsewhere() {
    return Behaviors.receiveMessage(
        envelope -> {
          if (envelope.message() instanceof ApplicationActor.Wake wake && serving.contains(envelope.entityId())) {
            wake.replyTo().tell(StatusReply.success("serves"));
          }
          return Behaviors.same();
        });
  }

  private ServingParts parts() {
    Catalog catalog = new Catalog(1, Map.of("shop", SHOP), Map.of());
    ActorRef<ReplicaRouterActor.Command> models = kit.<ReplicaRouterActor.Command>createTestProbe().getRef();
    ApplicationSettings settings =
        new ApplicationSettings(
            Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(4), Duration.ofSeconds(5), 20);
    return new ServingParts(
        () -> catalog,
        new PredictionCache(new CacheSettings(1 << 20, Optional.empty()), System::nanoTime),
        model -> models,
        Set::of,
        deadlines,
        Optional.empty(),
        Optional.empty(),
        new ContextSettings(1 << 20, Duration.ofMillis(20), Duration.ofSeconds(2), 10),
        (entity, ledger) -> {},
        settings,
        new AnswerLead(settings.answerLead()),
        () -> new Random(1),
        System::nanoTime,
        here,
        new HeardLedgers(here),
        new LoopMeters(new SimpleMeterRegistry()),
        "here");
  }

  private static LearningSettings everyNode() {
    LearningSettings d = LearningSettings.DEFAULT;
    return new LearningSettings(
        d.policy(), d.policyOptions(), d.combiner(), d.combinerOptions(), d.loss(), d.confidence(), d.confidenceThreshold(), d.tolerance(),
        d.onOverload(), "every-node", d.shadow(), d.missingLoss(), d.lateLoss(), d.maxAsked(), d.certainty());
  }
}
