package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.application.ServingNode;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntranceTest {
  /** Nobody listens there. */
  private static final String OTHER = "127.0.0.1:1";
  private static final Incarnation STRANGER = new Incarnation("elsewhere/2", "life");
  /** Longer than a node looks for others that do not sign. */
  private static final Duration WHILE_IT_SIGNS = Duration.ofSeconds(7);

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path data;

  @Test
  void besideAMemberThatSignsANodeIsNoClusterAndHoldsUpNobody() throws SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(data);
    try (Database database = Database.at(url)) {
      Schema.prepare(database);
      MemberBook book = new MemberBook(database);
      LeaseRow turn = new LeaseRow(database, "entrance", PATIENCE);
      book.write(Set.of(OTHER), Set.of());
      book.sign(OTHER, STRANGER);
      ActorSystem<Void> system = system(url, "");
      try {
        ServingNode node = ServingNode.start(system);

        await()
            .during(WHILE_IT_SIGNS)
            .atMost(PATIENCE)
            .until(
                () -> {
                  book.sign(OTHER, STRANGER);
                  return node.members().inReach().isEmpty();
                });
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  book.sign(OTHER, STRANGER);
                  return turn.take("somebody else");
                });
        assertThat(turn.release("somebody else")).isTrue();

        await().atMost(PATIENCE).until(() -> node.members().inReach().size() == 1);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(book.known().all()).as("who did not come").containsExactly(node.members().self()));

        // As another would that became a cluster while this one was out of its reach.
        book.write(Set.of(), Set.of(node.members().self()));

        assertThat(node.stopped()).succeedsWithin(PATIENCE);
        assertThat(CoordinatedShutdown.get(system).getShutdownReason()).contains(CoordinatedShutdown.clusterDowningReason());
        assertThat(book.known().all()).as("it has not come back by itself").isEmpty();
      } finally {
        end(system);
      }
    }
  }

  @Test
  void anAddressThatANodeOfAnotherMachineSignsForIsNotTakenFromIt() throws SQLException {
    String url = TestDatabase.POSTGRESQL.fresh(data);
    try (Database database = TestDatabase.prepared(url)) {
      MemberBook book = new MemberBook(database);
      ActorSystem<Void> system = system(url, "");
      try {
        String address = "127.0.0.1:" + Cluster.get(system).selfMember().address().getPort().orElseThrow();
        book.enter(address, STRANGER);
        ServingNode node = ServingNode.start(system);

        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  assertThat(book.sign(address, STRANGER)).as("it is still the other's").isTrue();
                  return node.stopped().toCompletableFuture().isDone();
                });

        assertThat(NotLetIn.of(system))
            .contains(
                new Refused(
                    Refused.Reason.CONFLICT,
                    "%s is in use by a node of machine elsewhere over the same database: give this one an address of its own by --host, --advertise or --cluster-port"
                        .formatted(address)));
      } finally {
        end(system);
      }
    }
  }

  @Test
  void aNodeThatWasToldOfOthersIsNoClusterOfItsOwnWhereNoneAnswers() {
    String url = TestDatabase.POSTGRESQL.fresh(data);
    ActorSystem<Void> system =
        system(url, "clipper.cluster.join = [\"%s\"], pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes = 6 s".formatted(OTHER));
    try {
      assertThat(ServingNode.start(system).stopped()).succeedsWithin(PATIENCE);

      assertThat(NotLetIn.of(system))
          .contains(new Refused(Refused.Reason.UNAVAILABLE, "no node of a cluster answers at [127.0.0.1:1]: see --join"));
    } finally {
      end(system);
    }
  }

  private ActorSystem<Void> system(String url, String settings) {
    Config own =
        ConfigFactory.parseString("pekko.remote.artery.canonical { hostname = \"127.0.0.1\", port = 0 }\n%s".formatted(settings))
            .withFallback(ServingNode.config(data, Optional.of(url)))
            .resolve();
    return ActorSystem.create(Behaviors.empty(), "clipper", own);
  }

  private static void end(ActorSystem<Void> system) {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
