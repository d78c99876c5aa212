package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.application.ServingNode;
import io.clipper.storage.Database;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.remote.RemoteActorRefProvider;
import org.apache.pekko.remote.RemoteTransport;
import org.apache.pekko.remote.transport.ThrottlerTransportAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.FutureConverters;
import scala.reflect.ClassTag;

/** Who stays when nodes of one cluster do not hear each other: the settings are a node's own, but for shorter times. */
class SplitTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Messages can be dropped between systems, and one that is killed takes no leave. The lease is kept until the test has seen whose it is. */
  private static final String SETTINGS =
      """
      pekko.remote.artery { canonical { hostname = "127.0.0.1", port = 0 }, advanced.test-mode = on }
      pekko.coordinated-shutdown { run-by-actor-system-terminate = off, run-by-jvm-shutdown-hook = off }
      pekko.cluster {
        gossip-interval = 200 ms
        leader-actions-interval = 200 ms
        unreachable-nodes-reaper-interval = 200 ms
        failure-detector { heartbeat-interval = 500 ms, acceptable-heartbeat-pause = 2 s }
        split-brain-resolver {
          stable-after = 1 s
          lease-majority { acquire-lease-delay-for-minority = 1 s, release-after = 120 s }
        }
      }
      """;

  private record Node(ActorSystem<Void> system, ServingNode serving) {
    Address address() {
      return Cluster.get(system).selfMember().address();
    }

    /** As the resolver signs the lease. */
    String owner() {
      return address().hostPort();
    }

    boolean hasEnded() {
      return serving.stopped().toCompletableFuture().isDone();
    }

    Optional<CoordinatedShutdown.Reason> stopsBecause() {
      return CoordinatedShutdown.get(system).getShutdownReason();
    }
  }

  @TempDir private Path folder;
  private String url;
  private Database database;
  /** The lease as the nodes see it, for the test's own patience. */
  private LeaseRow lease;

  private final List<Node> nodes = new ArrayList<>();

  @BeforeEach
  void openDatabase() {
    url = TestDatabase.POSTGRESQL.fresh(folder);
    database = TestDatabase.prepared(url);
    lease = new LeaseRow(database, "split", PATIENCE.multipliedBy(2));
  }

  @AfterEach
  void stop() {
    nodes.forEach(node -> node.system().terminate());
    nodes.forEach(node -> node.serving().stopped().toCompletableFuture().join());
    database.close();
  }

  @Test
  void aStatelessJoinerThatIsKilledIsGivenUp() throws SQLException {
    Node application = application();
    Node joiner = stateless();
    awaitAllTogether();

    cut(List.of(application), List.of(joiner));
    joiner.system().terminate();

    assertStays(application);
  }

  @Test
  void ofTwoApplicationNodesThatAreCutApartOneStays() throws SQLException {
    Node one = application();
    Node other = application();
    awaitAllTogether();

    cut(List.of(one), List.of(other));

    await().atMost(PATIENCE).until(() -> one.hasEnded() || other.hasEnded());
    boolean oneIsLeft = !one.hasEnded();
    assertStays(oneIsLeft ? one : other);
    assertWasCutOff(oneIsLeft ? other : one);
  }

  @Test
  void theLeaseDecidesWhichOfTwoApplicationNodesStays() throws SQLException {
    Node one = application();
    Node other = application();
    awaitAllTogether();

    assertThat(lease.take(other.owner())).as("it is nobody's").isTrue();
    cut(List.of(one), List.of(other));
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(lease.take(other.owner())).as("it is nobody else's").isTrue();
              return one.hasEnded();
            });

    assertStays(other);
    assertWasCutOff(one);
  }

  @Test
  void statelessNodesDoNotOutvoteTheOneThatKeepsTheState() throws SQLException {
    Node application = application();
    Node gateway = stateless();
    Node replicas = stateless();
    awaitAllTogether();

    cut(List.of(application), List.of(gateway, replicas));

    await().atMost(PATIENCE).until(() -> gateway.hasEnded() && replicas.hasEnded());
    assertStays(application);
    assertWasCutOff(gateway);
    assertWasCutOff(replicas);
  }

  /** It goes on alone, by the lease. */
  private void assertStays(Node node) throws SQLException {
    String self = Peer.nameOf(node.address());
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(node.serving().members().all()).containsExactly(self));
    assertThat(node.serving().members().inReach()).extracting(Peer::address).containsExactly(self);
    assertThat(node.stopsBecause()).isEmpty();
    assertThat(lease.take("somebody else")).as("the lease is taken").isFalse();
    assertThat(lease.take(node.owner())).as("the lease is its own").isTrue();
  }

  private static void assertWasCutOff(Node node) {
    assertThat(node.stopsBecause()).contains(CoordinatedShutdown.clusterDowningReason());
  }

  private void awaitAllTogether() {
    for (Node node : nodes) {
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(node.serving().members().inReach()).hasSameSizeAs(nodes));
    }
  }

  /** The first is a cluster of its own; another was told of a node that is gone, and finds the first in the database. */
  private Node application() {
    return start(nodes.isEmpty() ? "" : "clipper.cluster.join = [\"127.0.0.1:1\"]\n", Optional.of(url));
  }

  private Node stateless() {
    String roles = "pekko.cluster.roles = [\"%s\", \"%s\"]\n".formatted(NodeRoles.GATEWAY, NodeRoles.REPLICA);
    return start(roles + "pekko.cluster.seed-nodes = [\"%s\"]\n".formatted(nodes.getFirst().address()), Optional.empty());
  }

  private Node start(String own, Optional<String> jdbcUrl) {
    Path data = folder.resolve("node-" + nodes.size());
    Config settings = ConfigFactory.parseString(SETTINGS + own).withFallback(ServingNode.config(data, jdbcUrl)).resolve();
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "clipper", settings);
    Node node = new Node(system, ServingNode.start(system));
    nodes.add(node);
    node.serving().ready().toCompletableFuture().join();
    return node;
  }

  private static void cut(List<Node> side, List<Node> otherSide) {
    for (Node one : side) {
      for (Node other : otherSide) {
        dropAll(one, other);
        dropAll(other, one);
      }
    }
  }

  /** By a command of Artery's test mode, which is spoken in the words of the transport before it. */
  @SuppressWarnings("deprecation")
  private static void dropAll(Node here, Node there) {
    ExtendedActorSystem system = (ExtendedActorSystem) Adapter.toClassic(here.system());
    RemoteTransport transport = ((RemoteActorRefProvider) system.provider()).transport();
    // An object inside a Scala companion, which Java has no name for.
    Class<ThrottlerTransportAdapter.Direction> direction = ThrottlerTransportAdapter.Direction.class;
    ThrottlerTransportAdapter.Direction both =
        system.dynamicAccess().getObjectFor(direction.getName() + "$Both", ClassTag.<ThrottlerTransportAdapter.Direction>apply(direction)).get();
    Object command = new ThrottlerTransportAdapter.SetThrottle(there.address(), both, ThrottlerTransportAdapter.Blackhole$.MODULE$);
    assertThat(FutureConverters.asJava(transport.managementCommand(command)).toCompletableFuture().join()).isEqualTo(true);
  }
}
