package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.application.Applications;
import io.clipper.application.Feedback;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.application.ServingNode;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.catalog.Model;
import io.clipper.catalog.ModelVersion;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import io.clipper.node.client.NodeClient;
import io.clipper.node.command.NodeOptions;
import io.clipper.replica.ReplicaRouterActor;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A node without a database beside the one that keeps the state: it brings replicas and a way in, and outlives the other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JoinedNodeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String MODEL = "random-forest";
  private static final RuntimeSpec HELD = new RuntimeSpec.PlugIn(HeldModel.KIND, Map.of());

  @TempDir private static Path folder;
  private static ClipperNode state;
  private static ClipperNode joined;

  @BeforeAll
  static void start() throws IOException {
    // The others look for it there while it is gone, which must not be given to anybody else.
    state = ClipperNode.start(TestNodes.options(folder.resolve("state"), 0, TestNodes.unused()));
    Files.writeString(patient(), "clipper.cluster.handover-timeout = 80 s\npekko.coordinated-shutdown.phases.before-service-unbind.timeout = 85 s");
    joined = startJoined(0, 0);
  }

  private static Path patient() {
    return folder.resolve("patient.conf");
  }

  private static ClipperNode startJoined(int httpPort, int clusterPort) {
    return ClipperNode.start(TestNodes.joining(folder.resolve("joined"), patient(), httpPort, clusterPort, TestNodes.place(state)));
  }

  @AfterAll
  static void stop() {
    joined.close();
    state.close();
  }

  @Test
  @Order(1)
  void bothKnowWhoDoesWhat() {
    assertThat(joined.serving().members().inReach()).extracting(Peer::roles).allSatisfy(roles -> assertThat(roles).contains(NodeRoles.REPLICA));
    assertThat(joined.serving().members().with(NodeRoles.APPLICATION)).extracting(Peer::address).containsExactly(TestNodes.place(state).toString());
    assertThat(joined.serving().applications().catalog()).isEqualTo(state.serving().applications().catalog());
    assertThat(Files.exists(folder.resolve("joined").resolve("clipper.mv.db"))).as("a database of its own").isFalse();
    assertThat(List.of(TestNodes.shape(state), TestNodes.shape(joined))).containsOnly("one state node");
  }

  @Test
  @Order(2)
  void aQueryAtTheJoinedNodeIsAnsweredByTheModelsAndTaughtByItsLabel() {
    Prediction prediction = predict(joined);

    assertThat(prediction.isDefault()).isFalse();
    assertThat(prediction.models()).hasSize(5).allSatisfy(answer -> assertThat(answer.output()).isPresent());
    Feedback label =
        new Feedback("digits", new Feedback.OfQuery(prediction.queryId()), new Feedback.Label("0"), Optional.empty(), Optional.empty());
    assertThat(await(joined.serving().applications().observe(label))).isEqualTo(new Feedback.Receipt(prediction.queryId(), true, 5));
    assertThat(await(state.serving().applications().state("digits", Optional.empty())).observations()).isEqualTo(1);
  }

  @Test
  @Order(3)
  void copiesSpreadOverBothNodesWhichFetchWhatTheyNeed() {
    await(joined.serving().applications().change(new CatalogChange.SetReplicas(MODEL, 2)));

    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodesWith(MODEL, joined)).containsExactlyInAnyOrder(address(state), address(joined)));
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodesWith(MODEL, state)).as("it hears of it next").isEqualTo(nodesWith(MODEL, joined)));
    String artifact = state.serving().applications().catalog().model(MODEL).orElseThrow().currentVersion().orElseThrow().artifact().orElseThrow();
    assertThat(joined.serving().artifacts().isIntact(artifact)).isTrue();
    assertThat(predict(state).isDefault()).isFalse();
  }

  @Test
  @Order(4)
  void everyNodesCacheIsClearedByOneOrder() {
    predict(state);
    await(TestNodes.client(joined), "clear_cache");

    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(predict(state).models()).as("computed again").anySatisfy(answer -> assertThat(answer.cached()).isFalse()));
  }

  @Test
  @Order(5)
  void aProgramThatIsAMemberWithoutRolesAsksAsIfItWereLocal() {
    Config own =
        ConfigFactory.parseString(
                """
                pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                pekko.cluster { roles = [], seed-nodes = ["%s"] }
                """
                    .formatted(Cluster.get(state.system()).selfMember().address()))
            .withFallback(ServingNode.config(folder.resolve("client")));
    ActorSystem<Void> program = ActorSystem.create(Behaviors.empty(), "clipper", own);
    try {
      ServingNode client = ServingNode.start(program);
      assertThat(await(client.ready())).isEqualTo(state.serving().applications().catalog());

      Prediction prediction = await(client.applications().predict(blank()));

      assertThat(prediction.models()).hasSize(5).allSatisfy(answer -> assertThat(answer.output()).isPresent());
      Feedback label =
          new Feedback("digits", new Feedback.OfQuery(prediction.queryId()), new Feedback.Label("0"), Optional.empty(), Optional.empty());
      assertThat(await(client.applications().observe(label))).isEqualTo(new Feedback.Receipt(prediction.queryId(), true, 5));
      assertThat(await(client.applications().state("digits", Optional.empty())).observations()).isEqualTo(2);
      List<Prediction> streamed =
          await(
              Source.from(Collections.nCopies(3, blank().input()))
                  .via(client.applications().flow("digits", 2))
                  .runWith(Sink.seq(), program));
      assertThat(streamed).hasSize(3).allSatisfy(one -> assertThat(one.queryId()).isNotNegative());
      assertThatThrownBy(() -> await(client.applications().predict(Query.of("nobody", blank().input()))))
          .hasCause(new Refused(Refused.Reason.NOT_FOUND, "No app with name nobody exists."));
      assertThat(client.loops()).as("it hosts nothing").isZero();
      assertThat(await(client.replicas().statuses())).isEmpty();
      assertThat(Files.exists(folder.resolve("client").resolve("clipper.mv.db"))).as("a database of its own").isFalse();
    } finally {
      program.terminate();
      await(program.getWhenTerminated());
    }
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(state.serving().members().all()).containsExactlyInAnyOrder(address(state), address(joined)));
  }

  @Test
  @Order(6)
  void withoutTheStateItAnswersTheDefaultAtOnceAndSaysSoUntilTheStateIsBack() {
    int clusterPort = TestNodes.place(state).port();
    state.close();
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(joined.serving().members().hasState()).isFalse());

    Prediction prediction = predict(joined);

    assertThat(prediction.defaultReason()).contains(Prediction.NO_STATE);
    assertThatThrownBy(() -> await(joined.serving().applications().state("digits", Optional.empty()))).hasCause(new Refused(Refused.Reason.UNAVAILABLE, Prediction.NO_STATE));
    assertThat(TestNodes.ready(joined)).contains("no node that keeps the applications' state is in reach");
    int port = TestNodes.unused();
    NodeOptions alike = TestNodes.joining(folder.resolve("starting"), port, 0, TestNodes.place(joined));
    CompletableFuture<ClipperNode> starting = CompletableFuture.supplyAsync(() -> ClipperNode.start(alike));
    String words = Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> label(port), answer -> answer.statusCode() == 503).body();
    assertThat(words).as("of an application that it has not heard of").contains("this node is starting");

    state = ClipperNode.start(TestNodes.options(folder.resolve("state"), 0, clusterPort));

    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(predict(joined).models()).hasSize(5));
    assertThat(await(joined.serving().applications().state("digits", Optional.empty())).observations()).isEqualTo(2);
    await(starting).close();
  }

  @Test
  @Order(7)
  void aNodeThatLeftComesBackWithItsFolderAndPorts() {
    String address = address(joined);
    int httpPort = joined.queryAddress().getPort();
    joined.close();
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(state.serving().members().all()).containsExactly(address(state)));

    joined = startJoined(httpPort, TestNodes.place(joined).port());

    assertThat(address(joined)).isEqualTo(address);
    assertThat(joined.queryAddress().getPort()).isEqualTo(httpPort);
    assertThat(predict(joined).models()).hasSize(5);
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(nodesWith(MODEL, state)).containsExactlyInAnyOrder(address(state), address));
  }

  @Test
  @Order(8)
  void aCopyOnEitherNodeIsAskedUpToTheSizeLimitAndNoFurther() {
    ModelId model = new ModelId("largest", "1");
    Signature doubles = InputType.DOUBLES.signature();
    ModelVersion version = ModelVersion.of(model, doubles, new RuntimeSpec.PlugIn(FaultyModel.KIND, Map.of()), Optional.empty());
    Application application = new Application("largest", doubles, Duration.ofSeconds(20), "none", LearningSettings.DEFAULT, List.of());
    List<ClipperNode> nodes = List.of(state, joined);
    await(joined.serving().applications().change(new CatalogChange.Deploy(version, Optional.empty(), Optional.of(application))));
    nodes.forEach(node -> assertThat(await(node.serving().replicas().whenSettled(model)).state()).isEqualTo(ReplicaStatus.State.READY));
    Awaitility.await().atMost(PATIENCE).until(() -> state.serving().applications().catalog().application("largest").isPresent());
    Refused tooLarge =
        new Refused(Refused.Reason.TOO_LARGE, "the input takes 16777224 bytes when it is unpacked, more than the 16777216 of clipper.size-limit");
    Queue<ClusterEvent.UnreachableMember> silent = new ConcurrentLinkedQueue<>();
    nodes.forEach(node -> tellOfSilence(node, silent));

    double number = 0;
    for (ClipperNode node : nodes) {
      assertThat(await(node.serving().applications().predict(Query.of("largest", largest(++number, 0)))).output()).isEqualTo(Output.of(number));
      assertThat(await(node.serving().models().ask(model, largest(++number, 0), Duration.ofSeconds(20))))
          .isInstanceOfSatisfying(ReplicaRouterActor.Answered.class, answered -> assertThat(answered.cached()).as("it was computed").isFalse());
      assertThatThrownBy(() -> await(node.serving().applications().predict(Query.of("largest", largest(0, 1))))).hasCause(tooLarge);
      assertThatThrownBy(() -> await(node.serving().models().ask(model, largest(0, 1), Duration.ofSeconds(20)))).hasCause(tooLarge);
    }
    assertThat(silent).isEmpty();
  }

  /** Its folder may be gone as soon as the deployment is answered. */
  @Test
  @Order(9)
  void whatIsDeployedThroughTheJoinedNodeIsKeptByTheOneWithTheState() {
    String artifact = TestNodes.deployWithAnArtifact(joined, "kept");

    assertThat(state.serving().artifacts().isIntact(artifact)).isTrue();
    await(joined.serving().applications().change(new CatalogChange.DeleteModelVersion("kept", "1")));
  }

  @Test
  @Order(10)
  void aNodeThatLeavesAnswersUntilItsCopiesAreReadyElsewhere() throws Exception {
    String name = heldOn(joined);
    HeldModel.holdLoads();
    try (SteadyQueries queries = SteadyQueries.ask(state, name, Duration.ofSeconds(20), number -> Input.doubles((double) number))) {
      CompletableFuture<Void> closing = CompletableFuture.runAsync(joined::close);
      HeldModel.expectLoad();

      queries.awaitAnswersWithin(PATIENCE, System.nanoTime());
      assertThat(closing).as("its copy is not ready elsewhere").isNotDone();
      HeldModel.releaseLoads();
      await(closing);

      queries.awaitAnswersWithin(PATIENCE, System.nanoTime());
      SteadyQueries.Tally tally = queries.end();
      assertThat(tally.lost()).as("without an answer").isEmpty();
      assertThat(tally.byDefault()).isZero();
      assertThat(tally.byModel()).isPositive();
    } finally {
      HeldModel.releaseLoads();
    }
  }

  @Test
  @Order(11)
  void aNodeIsReadyWhenItsOwnCopiesAreAndWhatNoNodeMayRunKeepsNoneWaiting() throws Exception {
    ModelId everywhere = new ModelId("everywhere", "1");
    deploy(everywhere, HELD, Optional.of(Model.EVERY_NODE));
    assertThat(await(state.serving().replicas().whenSettled(everywhere)).state()).isEqualTo(ReplicaStatus.State.READY);
    ModelId tied = new ModelId("tied", "1");
    WorkerOptions plain = WorkerOptions.DEFAULT;
    deploy(tied, new RuntimeSpec.Command(List.of("serve", "{port}"), Optional.empty(), "", "", Optional.empty(), false, plain, Optional.of("gone")), Optional.of(1));
    ReplicaStatus nowhere = await(state.serving().replicas().whenSettled(tied));
    assertThat(nowhere.state()).isEqualTo(ReplicaStatus.State.FAILED);
    assertThat(nowhere.lastError()).contains("no node in reach may run it: it is tied to the machine gone");
    assertThat(TestNodes.status(state)).contains("it is tied to the machine gone").contains("every-node");

    HeldModel.holdLoads();
    try {
      CompletableFuture<ClipperNode> starting = CompletableFuture.supplyAsync(() -> startJoined(0, 0));
      HeldModel.expectLoad();
      assertThat(starting).as("its copy is not ready").isNotDone();

      HeldModel.releaseLoads();
      joined = await(starting);
    } finally {
      HeldModel.releaseLoads();
    }
    assertThat(nodesWith("everywhere", joined)).containsExactlyInAnyOrder(address(state), address(joined));
  }

  /** Deploys models of one copy until one is there, and an application that asks it, of the same name. */
  private static String heldOn(ClipperNode node) {
    for (int i = 0; i < 20; i++) {
      ModelId model = new ModelId("held-" + i, "1");
      deploy(model, HELD, Optional.of(1));
      assertThat(await(state.serving().replicas().whenSettled(model)).state()).isEqualTo(ReplicaStatus.State.READY);
      if (nodesWith(model.name(), state).equals(Set.of(address(node)))) {
        Application application =
            new Application(model.name(), InputType.DOUBLES.signature(), Duration.ofSeconds(20), "none", LearningSettings.DEFAULT, List.of(model.name()));
        await(state.serving().applications().change(new CatalogChange.AddApplication(application)));
        return model.name();
      }
    }
    throw new AssertionError("none of them is on " + address(node));
  }

  private static void deploy(ModelId model, RuntimeSpec runtime, Optional<Integer> replicas) {
    ModelVersion version = ModelVersion.of(model, InputType.DOUBLES.signature(), runtime, Optional.empty());
    await(state.serving().applications().change(new CatalogChange.Deploy(version, replicas, Optional.empty())));
  }

  @Test
  @Order(12)
  void aProgramThatFindsNobodyIsToldSo() {
    Config own =
        ConfigFactory.parseString(
                """
                pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                pekko.cluster { roles = [], seed-nodes = ["pekko://clipper@127.0.0.1:%d"], shutdown-after-unsuccessful-join-seed-nodes = 5 s }
                """
                    .formatted(TestNodes.unused()))
            .withFallback(ServingNode.config(folder.resolve("client")));
    ServingNode client = ServingNode.start(ActorSystem.create(Behaviors.empty(), "clipper", own));

    Applications applications = client.applications();
    Feedback label = new Feedback("digits", new Feedback.OfQuery(1), new Feedback.Label("0"), Optional.empty(), Optional.empty());
    assertThatThrownBy(() -> await(applications.predict(blank()))).hasCause(Applications.starting());
    assertThatThrownBy(() -> await(applications.observe(label))).hasCause(Applications.starting());
    assertThatThrownBy(() -> await(applications.state("digits", Optional.empty()))).hasCause(Applications.starting());
    assertThatThrownBy(() -> await(client.ready())).hasCauseInstanceOf(Refused.class);
    await(client.stopped());
  }

  private static HttpResponse<String> label(int port) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d/digits/update".formatted(port));
    HttpRequest request = HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString("{\"query_id\":1,\"label\":\"0\"}")).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  /** @param more elements than the limit has room for */
  private static Input largest(double first, int more) {
    double[] numbers = new double[(16 << 20) / Double.BYTES + more];
    numbers[0] = first;
    return Input.doubles(numbers);
  }

  private static void tellOfSilence(ClipperNode node, Queue<ClusterEvent.UnreachableMember> silent) {
    ActorRef<ClusterEvent.UnreachableMember> listener =
        node.system()
            .systemActorOf(
                Behaviors.receiveMessage(
                    (ClusterEvent.UnreachableMember member) -> {
                      silent.add(member);
                      return Behaviors.same();
                    }),
                "silence",
                Props.empty());
    Cluster.get(node.system()).subscriptions().tell(Subscribe.create(listener, ClusterEvent.UnreachableMember.class));
  }

  private static Set<String> nodesWith(String model, ClipperNode asked) {
    Set<String> nodes = new HashSet<>();
    for (JsonNode replica : TestNodes.client(asked).admin("get_replicas", NodeClient.request())) {
      if (replica.path("model_name").asText().equals(model) && replica.path("state").asText().equals("ready")) {
        nodes.add(replica.path("node").asText());
      }
    }
    return nodes;
  }

  private static String address(ClipperNode node) {
    return TestNodes.place(node).toString();
  }

  private static void await(NodeClient client, String verb) {
    client.admin(verb, NodeClient.request());
  }

  private static Prediction predict(ClipperNode node) {
    return await(node.serving().applications().predict(blank()));
  }

  private static Query blank() {
    return new Query("digits", Input.of(Tensor.ofFloats(new float[64])), Optional.empty(), Optional.of(Duration.ofSeconds(20)), Optional.empty());
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(90, TimeUnit.SECONDS).join();
  }
}
