package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.application.ServingNode;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntranceTest {
  /** Nobody listens there. */
  private static final String OTHER = "127.0.0.1:1";
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
      book.sign(OTHER);
      Config own =
          ConfigFactory.parseString("pekko.remote.artery.canonical { hostname = \"127.0.0.1\", port = 0 }")
              .withFallback(ServingNode.config(data, Optional.of(url)));
      ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "clipper", own);
      try {
        ServingNode node = ServingNode.start(system);

        await()
            .during(WHILE_IT_SIGNS)
            .atMost(PATIENCE)
            .until(
                () -> {
                  book.sign(OTHER);
                  return node.members().inReach().isEmpty();
                });
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  book.sign(OTHER);
                  return turn.take("somebody else");
                });
        assertThat(turn.release("somebody else")).isTrue();

        await().atMost(PATIENCE).until(() -> node.members().inReach().size() == 1);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(book.known().all()).as("who did not come").containsExactly(node.members().self()));
      } finally {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
      }
    }
  }
}
