package io.clipper.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.ReplyTo;
import io.clipper.cache.CacheSettings;
import io.clipper.cache.PredictionCache;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.replica.ModelReplicaActor;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.replica.RouterSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Subscribe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes with a node's own settings, and a real connection between them. */
class TwoNodesTest {
  private static final Config NODE =
      WireSettings.framed(
          ConfigFactory.parseString(
                  """
                  pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                  pekko.cluster.run-coordinated-shutdown-when-down = off
                  pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                  """)
              .withFallback(ConfigFactory.parseResources("clipper-node.conf"))
              .withFallback(ConfigFactory.load()));
  private static final int LIMIT = WireSettings.of(NODE).limitBytes();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final ActorTestKit ONE = ActorTestKit.create("clipper", NODE);
  private static final ActorTestKit OTHER = ActorTestKit.create("clipper", NODE);

  @BeforeAll
  static void join() {
    Cluster one = Cluster.get(ONE.system());
    one.manager().tell(Join.create(one.selfMember().address()));
    Cluster.get(OTHER.system()).manager().tell(Join.create(one.selfMember().address()));
    TestProbe<Object> patience = OTHER.createTestProbe();
    patience.awaitAssert(PATIENCE, Duration.ofMillis(100), () -> {
      assertThat(upMembers()).hasSize(2);
      return null;
    });
  }

  @AfterAll
  static void stop() {
    OTHER.shutdownTestKit();
    ONE.shutdownTestKit();
  }

  @Test
  void answersUpToTheLimitArriveAndLargerOnesHarmNobody() {
    TestProbe<ModelReplicaActor.Reply> client = ONE.createTestProbe();
    ActorRef<ModelReplicaActor.Reply> desk =
        ONE.system()
            .systemActorOf(
                Behaviors.receiveMessage(
                    (ModelReplicaActor.Reply reply) -> {
                      client.getRef().tell(reply);
                      return Behaviors.same();
                    }),
                "clipper-replies-test",
                Props.empty());
    ActorRef<ModelReplicaActor.Reply> fromAfar =
        ActorRefResolver.get(OTHER.system()).resolveActorRef(ActorRefResolver.get(ONE.system()).toSerializationFormat(desk));
    long refusedBefore = WireSerializer.of(OTHER.system()).refused();
    List<TestProbe<ClusterEvent.UnreachableMember>> silences = List.of(silences(ONE), silences(OTHER));

    // For longer than a heartbeat may be late.
    Instant end = Instant.now().plus(NODE.getDuration("pekko.cluster.failure-detector.acceptable-heartbeat-pause")).plusSeconds(1);
    int rounds = 0;
    while (rounds < 5 || Instant.now().isBefore(end)) {
      for (int round = 0; round < 5; round++) {
        fromAfar.tell(answer(rounds + round, LIMIT));
        fromAfar.tell(answer(rounds + round, LIMIT + (1 << 20)));
        fromAfar.tell(answer(rounds + round, 8));
      }
      for (int round = 0; round < 5; round++) {
        assertThat(client.receiveMessage(PATIENCE)).isEqualTo(answer(rounds + round, LIMIT));
        assertThat(client.receiveMessage(PATIENCE)).isEqualTo(answer(rounds + round, 8));
      }
      rounds += 5;
    }
    assertThat(WireSerializer.of(OTHER.system()).refused() - refusedBefore).isEqualTo(rounds);
    silences.forEach(silence -> silence.expectNoMessage(Duration.ZERO));
    assertThat(upMembers()).hasSize(2);
    assertThat(Cluster.get(ONE.system()).state().getUnreachable()).isEmpty();
  }

  @Test
  void aReplicaOfTheOtherNodeIsToldSoMuchLessTimeAsTheWayThereAndBackTakes() {
    WireSerializer.of(OTHER.system()).write(WireSerializer.VERSION);
    AtomicLong slowness = new AtomicLong();
    LongSupplier clock = () -> System.nanoTime() + slowness.get();
    TestProbe<ModelReplicaActor.Command> replica = OTHER.createTestProbe();
    ActorRef<ModelReplicaActor.Command> fromAfar =
        ActorRefResolver.get(ONE.system()).resolveActorRef(ActorRefResolver.get(OTHER.system()).toSerializationFormat(replica.getRef()));
    ModelId model = new ModelId("svm", "1");
    PredictionCache cache = new PredictionCache(new CacheSettings(1 << 20, Optional.empty()), clock);
    ActorRef<ReplicaRouterActor.Command> router =
        ONE.spawn(ReplicaRouterActor.create(model, () -> false, cache, new RouterSettings(10), clock, (nanos, action) -> {}, new Random(1)));
    TestProbe<ReplicaRouterActor.Reply> asker = ONE.createTestProbe();
    router.tell(new ReplicaRouterActor.Joined(fromAfar));
    Duration way = Duration.ofSeconds(8);
    long deducted = 0;
    long onItsWay = 0;
    for (int i = 0; i < 400; i++) {
      long now = System.nanoTime();
      long deadline = now + slowness.get() + Duration.ofMinutes(1).toNanos();
      router.tell(new ReplicaRouterActor.Ask(Input.doubles(i), deadline, i, new ReplyTo.There<>(asker.getRef())));
      ModelReplicaActor.Predict predict = replica.expectMessageClass(ModelReplicaActor.Predict.class, PATIENCE);
      onItsWay = System.nanoTime() - now;
      deducted = deadline - predict.deadlineNanos();
      slowness.addAndGet(way.toNanos());
      predict.replyTo().tell(new ModelReplicaActor.Predicted(predict.flight(), Output.of(1.0), OptionalLong.of(0)));
      asker.receiveMessage(PATIENCE);
    }

    // What is told counts from when it is read, some time after it was asked. A busy machine makes the way longer by itself.
    assertThat(deducted + onItsWay).isGreaterThan(way.minusMillis(200).toNanos());
    assertThat(deducted).isLessThan(way.plusSeconds(3).toNanos());
  }

  /** What a node hears of members that do not answer, from now on. */
  private static TestProbe<ClusterEvent.UnreachableMember> silences(ActorTestKit node) {
    TestProbe<ClusterEvent.UnreachableMember> silences = node.createTestProbe();
    Cluster.get(node.system()).subscriptions().tell(Subscribe.create(silences.ref(), ClusterEvent.UnreachableMember.class));
    return silences;
  }

  private static ModelReplicaActor.Reply answer(long flight, int bytes) {
    return new ModelReplicaActor.Predicted(flight, Output.of(Tensor.ofUnsignedBytes(new byte[bytes])), OptionalLong.empty());
  }

  private static List<Member> upMembers() {
    return StreamSupport.stream(Cluster.get(OTHER.system()).state().getMembers().spliterator(), false)
        .filter(member -> member.status().equals(MemberStatus.up()))
        .toList();
  }
}
