package io.clipper.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.application.LearnedState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Leave;
import org.apache.pekko.pattern.StatusReply;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A node of this release beside one that says it is of an older one. */
class OlderNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final ActorTestKit NEWER = ActorTestKit.create("clipper", node(""));
  private static final ActorTestKit OLDER = ActorTestKit.create("clipper", node("pekko.cluster.app-version = \"1.0.0\""));

  @AfterAll
  static void stop() {
    OLDER.shutdownTestKit();
    NEWER.shutdownTestKit();
  }

  @Test
  void aNodeWritesTheHighestVersionThatTheOldestMemberReads() {
    WireVersionActor.start(NEWER.system());
    WireVersionActor.start(OLDER.system());
    Cluster newer = Cluster.get(NEWER.system());
    newer.manager().tell(Join.create(newer.selfMember().address()));
    awaitWritten(WireSerializer.VERSION);

    Cluster older = Cluster.get(OLDER.system());
    older.manager().tell(Join.create(newer.selfMember().address()));
    awaitWritten(1);
    Awaitility.await().atMost(PATIENCE).until(() -> older.state().members().size() == 2);
    LearnedState learned =
        new LearnedState(
            "exp4", 12, List.of(), Optional.empty(), List.of(), List.of(new LearnedState.PartitionState(3, "10.0.0.5:25520", 12)));
    TestProbe<StatusReply<LearnedState>> there = OLDER.createTestProbe();
    ActorRef<StatusReply<LearnedState>> fromAfar =
        ActorRefResolver.get(NEWER.system())
            .resolveActorRef(ActorRefResolver.get(OLDER.system()).toSerializationFormat(there.getRef()));

    fromAfar.tell(StatusReply.success(learned));

    LearnedState read = there.receiveMessage(PATIENCE).getValue();
    assertThat(read.observations()).isEqualTo(12);
    assertThat(read.partitions()).as("an older release has no field for them").isEmpty();
    assertThat(WireSerializer.of(OLDER.system()).refused()).isZero();

    older.manager().tell(Leave.create(older.selfMember().address()));
    awaitWritten(WireSerializer.VERSION);
  }

  private static void awaitWritten(int version) {
    Awaitility.await().atMost(PATIENCE).until(() -> WireSerializer.of(NEWER.system()).written() == version);
  }

  private static Config node(String own) {
    return WireSettings.framed(
        ConfigFactory.parseString(own)
            .withFallback(
                ConfigFactory.parseString(
                    """
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.run-coordinated-shutdown-when-down = off
                    pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                    """))
            .withFallback(ConfigFactory.parseResources("clipper-node.conf"))
            .withFallback(ConfigFactory.load()));
  }
}
