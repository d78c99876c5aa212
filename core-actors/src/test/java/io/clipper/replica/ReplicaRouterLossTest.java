package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.clipper.ReplyTo;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.PredictionCache;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaRouterActor.Ask;
import io.clipper.replica.ReplicaRouterActor.Command;
import io.clipper.replica.ReplicaRouterActor.Joined;
import io.clipper.replica.ReplicaRouterActor.Reason;
import io.clipper.replica.ReplicaRouterActor.Reply;
import io.clipper.replica.ReplicaRouterActor.Unanswered;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What is lost on the way to another node. */
class ReplicaRouterLossTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseString(
              """
              pekko { loglevel = ERROR, actor.provider = cluster, remote.artery.canonical { hostname = "127.0.0.1", port = 0 } }
              """));
  private static final ModelId MODEL = new ModelId("svm", "1");
  private static final Duration DEADLINE = Duration.ofMillis(50);

  private final AtomicLong clock = new AtomicLong();
  private final BlockingQueue<Runnable> alarms = new LinkedBlockingQueue<>();
  private final TestProbe<Reply> asker = KIT.createTestProbe();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void aFlightThatIsLostOnItsWayToAnotherNodeTakesNoRoomForEver() throws InterruptedException {
    ActorRef<Command> router = routerOf(1);
    router.tell(new Joined(lostReplica()));

    for (int number = 1; number <= 3; number++) {
      router.tell(new Ask(Input.doubles(number), clock.get() + DEADLINE.toNanos(), number, new ReplyTo.There<>(asker.ref())));
      Runnable silence = nextAlarm();
      clock.addAndGet(Duration.ofSeconds(6).toNanos());
      silence.run();

      asker.expectMessage(new Unanswered(number, MODEL, Reason.EXPIRED, "nothing was heard of it from another node"));
    }
  }

  /** The one before it has an hour: it is waited for, and keeps nobody else waiting. */
  @Test
  void oneThatMayStillBeAnsweredIsWaitedFor() throws InterruptedException {
    ActorRef<Command> router = routerOf(2);
    router.tell(new Joined(lostReplica()));
    router.tell(new Ask(Input.doubles(1), clock.get() + Duration.ofHours(1).toNanos(), 1, new ReplyTo.There<>(asker.ref())));
    router.tell(new Ask(Input.doubles(2), clock.get() + DEADLINE.toNanos(), 2, new ReplyTo.There<>(asker.ref())));
    awaitThatAllIsAsked(router);
    Runnable early = nextAlarm();
    clock.addAndGet(Duration.ofSeconds(5).toNanos());
    early.run();
    Runnable late = nextAlarm();
    asker.expectNoMessage(Duration.ZERO);
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    late.run();

    assertThat(asker.expectMessageClass(Unanswered.class).correlation()).isEqualTo(2);
    nextAlarm();
    asker.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aReplicaThatWasSilentHoldsNothingAndIsOnTrialUntilItAnswers() {
    ReplicaLoad load = new ReplicaLoad();
    load.answered(1, load.sent(0), 1);
    load.sent(2);

    load.lost();

    assertThat(load.outstanding()).isZero();
    assertThat(load.isOnTrial()).isTrue();
    load.answered(4, load.sent(3), 1);
    assertThat(load.isOnTrial()).isFalse();
  }

  private ActorRef<Command> routerOf(int flights) {
    PredictionCache cache = new PredictionCache(new CacheSettings(1 << 20, Optional.empty()), clock::get);
    return KIT.spawn(
        ReplicaRouterActor.create(MODEL, () -> true, cache, new RouterSettings(flights), clock::get, (nanos, action) -> alarms.add(action), new Random(1)));
  }

  /** Nobody listens where it is said to be. */
  private static ActorRef<ModelReplicaActor.Command> lostReplica() {
    return ActorRefResolver.get(KIT.system()).resolveActorRef("pekko://%s@127.0.0.1:1/user/replica".formatted(KIT.system().name()));
  }

  /** One whose deadline has passed is answered at once, and so after all that was asked before it. */
  private void awaitThatAllIsAsked(ActorRef<Command> router) {
    router.tell(new Ask(Input.doubles(3), clock.get(), 3, new ReplyTo.There<>(asker.ref())));
    assertThat(asker.expectMessageClass(Unanswered.class).correlation()).isEqualTo(3);
  }

  private Runnable nextAlarm() throws InterruptedException {
    Runnable alarm = alarms.poll(30, TimeUnit.SECONDS);
    assertThat(alarm).as("an alarm").isNotNull();
    return alarm;
  }
}
