package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.Refused;
import io.clipper.application.Feedback;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.artifact.SharedArtifacts;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogActor;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.membership.NodeRoles;
import io.clipper.model.Input;
import io.clipper.model.Tensor;
import io.clipper.node.command.HostPort;
import io.clipper.replica.ReplicaStatus;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingQuery;
import org.apache.pekko.cluster.sharding.typed.GetShardRegionState;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Nodes over one PostgreSQL, each with all roles, of which one is lost without a word, and then one leaves. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SharedDatabaseTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  /** A system that ends so leaves no cluster, hands nothing over and flushes nothing: for the others it is as if it were killed. */
  private static final String ENDS_SUDDENLY =
      "pekko.coordinated-shutdown { run-by-actor-system-terminate = off, run-by-jvm-shutdown-hook = off }";

  private static final String DIGITS = "digits";
  private static final String SPREAD = "spread";
  private static final Optional<String> ANNA = Optional.of("anna");

  @TempDir private static Path folder;
  private static EmbeddedPostgres postgres;
  private static ClipperNode first;
  private static ClipperNode second;

  @BeforeAll
  static void start() throws IOException {
    postgres = EmbeddedPostgres.builder().setPGStartupWait(PATIENCE).start();
    first = start("first");
    second = start("second", TestNodes.place(first));
  }

  @AfterAll
  static void stop() throws IOException {
    second.close();
    first.close();
    postgres.close();
  }

  @Test
  @Order(0)
  void aNodeOverAnotherDatabaseIsNotLetIn() {
    String another = postgres.getJdbcUrl("postgres", "template1");

    assertThatThrownBy(() -> start(another, "stranger", TestNodes.place(first)))
        .isEqualTo(
            new Refused(
                Refused.Reason.CONFLICT,
                "%s keeps its state in another database than this node: give the --jdbc URL of its cluster, or another --join"
                    .formatted(TestNodes.place(first))));

    List<String> both = List.of(TestNodes.place(first).toString(), TestNodes.place(second).toString());
    eventually(() -> assertThat(first.serving().members().all()).containsExactlyInAnyOrderElementsOf(both));
  }

  @Test
  @Order(1)
  void whicheverOfTwoIsLostTheOtherGoesOnWithAllThatWasAcknowledged() {
    eventually(() -> assertThat(second.serving().members().with(NodeRoles.APPLICATION)).hasSize(2));
    assertThat(List.of(TestNodes.shape(first), TestNodes.shape(second))).containsOnly("shared database");
    addSpread();
    Set<Long> judged = new HashSet<>();
    Set<Long> spread = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      judged.add(learn(i % 2 == 0 ? first : second, DIGITS));
      spread.add(learn(i % 2 == 0 ? first : second, SPREAD));
    }
    assertThat(judged).doesNotContain(Prediction.NO_QUERY_ID).hasSize(20);
    assertThat(spread.stream().map(SharedDatabaseTest::partition).distinct()).as("each node has its own").hasSize(2);
    awaitObservations(first, SPREAD, 20);
    awaitObservations(second, SPREAD, 20);
    assertThat(state(first, SPREAD).candidates()).as("both choose by the same").isEqualTo(state(second, SPREAD).candidates());

    end(first);

    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(predict(second, DIGITS).models()).as("real predictions").hasSize(5));
    awaitObservations(second, DIGITS, 20);
    judged.forEach(queryId -> assertThat(observe(second, DIGITS, queryId).observed()).as("counted once").isFalse());
    assertThat(learn(second, DIGITS)).isNotNegative();
    // What the lost node's partition learned is in a ledger of its own, and runs on the node that is left.
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(state(second, SPREAD).partitions()).allMatch(one -> one.node().equals(TestNodes.place(second).toString())));
    awaitObservations(second, SPREAD, 20);
    spread.forEach(queryId -> assertThat(observe(second, SPREAD, queryId).observed()).as("counted once").isFalse());
    learn(second, SPREAD);
    aNodeOfReplicasHasNoPortsForClientsAndKnowsWhereTheStateIs();

    // Started again by the same words as the first time it finds the cluster that went on without it.
    first = start("first");
    List<String> both = List.of(TestNodes.place(first).toString(), TestNodes.place(second).toString());
    eventually(() -> assertThat(first.serving().members().all()).containsExactlyInAnyOrderElementsOf(both));
    awaitObservations(first, DIGITS, 21);
    awaitObservations(first, SPREAD, 21);

    end(second);

    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(predict(first, DIGITS).models()).as("real predictions").hasSize(5));
    awaitObservations(first, DIGITS, 21);
    awaitObservations(first, SPREAD, 21);
    // Whoever comes while the others wait for one that is out of reach begins their wait anew.
    eventually(() -> assertThat(first.serving().members().all()).containsExactly(TestNodes.place(first).toString()));
    second = start("second");
  }

  @Test
  @Order(2)
  void whatANodeKeptMovesAsItLeavesAndPredictionsGoOnMeanwhile() throws Exception {
    eventually(() -> assertThat(catalogs(first)).as("the catalog is on the node that leaves").isOne());
    for (int i = 0; i < 5; i++) {
      learn(first, DIGITS, ANNA);
    }
    LearnedState learned = state(first, DIGITS, ANNA);
    assertThat(learned.observations()).isEqualTo(5);

    try (SteadyQueries queries = SteadyQueries.ask(second, DIGITS, SharedDatabaseTest::numbered)) {
      await(CoordinatedShutdown.get(first.system()).runAll(CoordinatedShutdown.unknownReason()));
      await(first.stopped());

      Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(catalogs(second)).isOne());
      awaitObservations(second, DIGITS, ANNA, 5);
      queries.awaitAnswersWithin(PATIENCE, System.nanoTime());
      SteadyQueries.Tally tally = queries.end();
      assertThat(tally.lost()).as("without an answer").isEmpty();
      assertThat(tally.byModel()).isPositive();
    }
    assertThat(state(second, DIGITS, ANNA).candidates()).isEqualTo(learned.candidates());
    learn(second, DIGITS, ANNA);
    assertThat(state(second, DIGITS, ANNA).observations()).isEqualTo(6);
    assertThat(await(second.serving().applications().change(new CatalogChange.SetReplicas("linear-svm", 2))).model("linear-svm").orElseThrow().replicas()).isEqualTo(2);
  }

  /** Beside the only one that keeps state. */
  private void aNodeOfReplicasHasNoPortsForClientsAndKnowsWhereTheStateIs() {
    int port = TestNodes.unused();
    try (ClipperNode third = ClipperNode.start(TestNodes.ofReplicas(folder.resolve("third"), port, TestNodes.place(second)))) {
      assertThat(TestNodes.shape(third)).isEqualTo("shared database");
      assertThat(third.takesQueries()).isFalse();
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port)).isInstanceOf(ConnectException.class);
      assertThat(TestNodes.metrics(third)).contains("clipper_loops 0.0");
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(await(third.serving().replicas().statuses())).anyMatch(copy -> copy.state() == ReplicaStatus.State.READY));
      assertThat(inTheDatabase(TestNodes.deployWithAnArtifact(third, "kept"))).as("what was deployed there outlives it").isTrue();
      await(third.serving().applications().change(new CatalogChange.DeleteModelVersion("kept", "1")));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(second.serving().members().all()).containsExactly(TestNodes.place(second).toString()));
  }

  private static boolean inTheDatabase(String artifact) {
    try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
      return SharedArtifacts.all(connection).contains(artifact);
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static ClipperNode start(String name, HostPort... members) {
    return start(postgres.getJdbcUrl("postgres", "postgres"), name, members);
  }

  private static ClipperNode start(String jdbc, String name, HostPort... members) {
    Path data = folder.resolve(name);
    Path settings = folder.resolve(name + ".conf");
    try {
      Files.writeString(settings, ENDS_SUDDENLY);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return ClipperNode.start(TestNodes.over(jdbc, data, settings, List.of(members)));
  }

  private static void end(ClipperNode node) {
    node.close();
  }

  private static long partition(long queryId) {
    return queryId % 1024;
  }

  /** The digits' models, with a partition for every node. */
  private static void addSpread() {
    Application digits = first.serving().applications().catalog().application(DIGITS).orElseThrow();
    LearningSettings l = digits.learning();
    LearningSettings everyNode =
        new LearningSettings(
            l.policy(), l.policyOptions(), l.combiner(), l.combinerOptions(), l.loss(), l.confidence(), l.confidenceThreshold(), l.tolerance(),
            l.onOverload(), "every-node", l.shadow(), l.missingLoss(), l.lateLoss(), l.maxAsked(), l.certainty());
    Application spread = new Application(SPREAD, digits.signature(), digits.slo(), digits.defaultOutput(), everyNode, digits.models());
    await(first.serving().applications().change(new CatalogChange.AddApplication(spread)));
    Awaitility.await().atMost(PATIENCE).until(() -> second.serving().applications().catalog().application(SPREAD).isPresent());
    eventually(() -> assertThat(partitionsOf(first, second)).as("each node has its own").hasSize(2).doesNotContain(partition(Prediction.NO_QUERY_ID)));
  }

  /** Of which each answers its node's own queries. */
  private static Set<Long> partitionsOf(ClipperNode... nodes) {
    Set<Long> partitions = new HashSet<>();
    for (ClipperNode node : nodes) {
      partitions.add(partition(predict(node, SPREAD).queryId()));
    }
    return partitions;
  }

  private static void eventually(ThrowingRunnable assertion) {
    Awaitility.await().atMost(PATIENCE).ignoreException(CompletionException.class).untilAsserted(assertion);
  }

  private static long learn(ClipperNode node, String application) {
    return learn(node, application, Optional.empty());
  }

  private static long learn(ClipperNode node, String application, Optional<String> context) {
    Prediction prediction = predict(node, application, context);
    assertThat(observe(node, application, context, prediction.queryId())).isEqualTo(new Feedback.Receipt(prediction.queryId(), true, 5));
    return prediction.queryId();
  }

  private static Feedback.Receipt observe(ClipperNode node, String application, long queryId) {
    return observe(node, application, Optional.empty(), queryId);
  }

  private static Feedback.Receipt observe(ClipperNode node, String application, Optional<String> context, long queryId) {
    return await(
        node.serving()
            .applications()
            .observe(new Feedback(application, new Feedback.OfQuery(queryId), new Feedback.Label("0"), context, Optional.empty())));
  }

  private static void awaitObservations(ClipperNode node, String application, long count) {
    awaitObservations(node, application, Optional.empty(), count);
  }

  /** Until its loop runs here, which had moved: meanwhile who asks is told to ask again. */
  private static void awaitObservations(ClipperNode node, String application, Optional<String> context, long count) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreException(CompletionException.class)
        .untilAsserted(() -> assertThat(state(node, application, context).observations()).isEqualTo(count));
  }

  private static LearnedState state(ClipperNode node, String application) {
    return state(node, application, Optional.empty());
  }

  private static LearnedState state(ClipperNode node, String application, Optional<String> context) {
    return await(node.serving().applications().state(application, context));
  }

  private static Prediction predict(ClipperNode node, String application) {
    return predict(node, application, Optional.empty());
  }

  private static Prediction predict(ClipperNode node, String application, Optional<String> context) {
    Query blank = new Query(application, Input.of(Tensor.ofFloats(new float[64])), context, Optional.of(Duration.ofSeconds(5)), Optional.empty());
    return await(node.serving().applications().predict(blank));
  }

  /** A digit that nobody wrote, another for each number. */
  private static Input numbered(long number) {
    float[] pixels = new float[64];
    pixels[0] = (float) number;
    return Input.of(Tensor.ofFloats(pixels));
  }

  /** How many catalogs run on that node. */
  private static int catalogs(ClipperNode node) {
    CompletionStage<ShardRegion.CurrentShardRegionState> region =
        AskPattern.<ClusterShardingQuery, ShardRegion.CurrentShardRegionState>ask(
            ClusterSharding.get(node.system()).shardState(),
            replyTo -> new GetShardRegionState(CatalogActor.KEY, replyTo),
            PATIENCE,
            node.system().scheduler());
    return await(region).getShards().stream().mapToInt(shard -> shard.getEntityIds().size()).sum();
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(90, TimeUnit.SECONDS).join();
  }
}
