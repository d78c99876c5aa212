package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.LearningSettings;
import io.clipper.model.Input;
import io.clipper.model.Signature;
import io.clipper.storage.TestDatabase;
import io.clipper.wire.WireSerializer;
import io.clipper.wire.WireSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes over one PostgreSQL: what is asked of the one is done by whichever has the loop. */
class TwoServingNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final List<String> NAMES = IntStream.range(0, 8).mapToObj("app-%d"::formatted).toList();

  @TempDir private static Path data;
  private static Node first;
  private static Node second;

  private record Node(ActorSystem<Void> system, ServingNode serving) {
    static Node start(Path data, String url, List<String> seeds) {
      Config own =
          ConfigFactory.parseString(
                  """
                  pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                  pekko.cluster.seed-nodes = [%s]
                  """
                      .formatted(String.join(",", seeds)))
              .withFallback(ServingNode.config(data, Optional.of(url)));
      ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "clipper", own);
      return new Node(system, ServingNode.start(system));
    }

    Applications applications() {
      return serving.applications();
    }

    void stop() {
      system.terminate();
      await(system.getWhenTerminated());
    }
  }

  @BeforeAll
  static void start() {
    String url = TestDatabase.POSTGRESQL.fresh(data);
    first = Node.start(data.resolve("first"), url, List.of());
    await(first.serving().ready());
    second = Node.start(data.resolve("second"), url, List.of("\"%s\"".formatted(Cluster.get(first.system()).selfMember().address())));
    await(second.serving().ready());
    for (String name : NAMES) {
      await(second.applications().change(new CatalogChange.AddApplication(application(name))));
    }
    await(first.serving().applications().change(new CatalogChange.AddApplication(application("last"))));
  }

  @AfterAll
  static void stop() {
    second.stop();
    first.stop();
  }

  @Test
  void aQueryIsAnsweredByItsLoopOnWhicheverNode() {
    for (String name : NAMES) {
      for (Node node : List.of(first, second)) {
        Prediction prediction = await(node.applications().predict(query(name)));

        assertThat(prediction.queryId()).as("the loop answered, not the node's own clock").isNotNegative();
        assertThat(prediction.defaultReason()).contains(Prediction.NO_MODELS);
      }
    }
    assertThat(WireSerializer.of(first.system()).refused() + WireSerializer.of(second.system()).refused()).isZero();
  }

  @Test
  void feedbackAndStateCrossNodesToo() {
    for (String name : NAMES) {
      for (Node node : List.of(first, second)) {
        long queryId = await(node.applications().predict(query(name))).queryId();
        Feedback feedback = new Feedback(name, new Feedback.OfQuery(queryId), new Feedback.Label("1"), Optional.empty(), Optional.empty());

        assertThat(await(node.applications().observe(feedback))).as("no model, nothing to learn").isEqualTo(new Feedback.Receipt(queryId, false, 0));
        assertThat(await(node.applications().state(name, Optional.empty())).observations()).isZero();
      }
    }
  }

  @Test
  void aRefusalKeepsItsReasonAcrossNodes() {
    for (Node node : List.of(first, second)) {
      assertThatThrownBy(() -> await(node.applications().change(new CatalogChange.AddApplication(application("last")))))
          .hasCause(new Refused(Refused.Reason.EXISTS, "application 'last' already exists"));
    }
  }

  /** On a node that has the loop as on one that does not. */
  @Test
  void anInputIsAskedUpToTheLimitAndNoFurther() {
    int elements = WireSettings.of(first.system().settings().config()).limitBytes() / Double.BYTES;
    Input largest = Input.doubles(new double[elements]);
    Input tooLarge = Input.doubles(new double[elements + 1]);
    Input beside = Input.doubles(new double[elements - 1]);
    String words = "%s takes %d bytes when it is unpacked, more than the 16777216 of clipper.size-limit";
    eventually(() -> assertThat(List.of(first.serving().loops(), second.serving().loops())).allMatch(loops -> loops > 0));

    for (String name : first.applications().catalog().applications().keySet()) {
      assertThat(await(first.applications().predict(query(name, largest))).queryId()).as("the loop answered, not the node's own clock").isNotNegative();
      assertThatThrownBy(() -> await(first.applications().predict(query(name, tooLarge)))).hasCause(tooLarge(words.formatted("the input", 16777224)));
      assertThat(await(first.applications().observe(label(name, beside, "12345678"))).observed()).as("no model, nothing to learn").isFalse();
      assertThatThrownBy(() -> await(first.applications().observe(label(name, beside, "123456789"))))
          .hasCause(tooLarge(words.formatted("the feedback", 16777217)));
    }
    assertThat(WireSerializer.of(first.system()).refused()).isZero();
  }

  @Test
  void aNameThatNoDatabaseKeepsIsRefusedAndOthersAreServed() {
    Applications applications = first.applications();
    String app = NAMES.getFirst();
    long queryId = await(applications.predict(query(app))).queryId();
    for (String name : List.of("a\u0000", "a\uD83D")) {
      String what = name.endsWith("\u0000") ? "a NUL" : "half a surrogate pair";
      String fault = "has %s at character 1, which no database keeps".formatted(what);
      assertThatThrownBy(() -> await(applications.predict(of(app, name)))).hasCause(invalid("context " + fault));
      assertThatThrownBy(() -> await(applications.state(app, Optional.of(name)))).hasCause(invalid("context " + fault));
      assertThatThrownBy(() -> await(applications.observe(feedback(app, queryId, "1", Optional.of(name), Optional.empty()))))
          .hasCause(invalid("context " + fault));
      assertThatThrownBy(() -> await(applications.observe(feedback(app, queryId, "1", Optional.empty(), Optional.of(name)))))
          .hasCause(invalid("feedback_id " + fault));
    }
    assertThatThrownBy(() -> await(applications.observe(feedback(app, queryId, "a\uD83D", Optional.empty(), Optional.empty()))))
        .hasCause(invalid("label has half a surrogate pair at character 1"));

    assertThat(await(applications.predict(of(app, "anna"))).contextUnread()).isFalse();
    assertThat(await(applications.observe(feedback(app, queryId, "a\u0000", Optional.of("anna"), Optional.empty()))).observed())
        .as("no model, nothing to learn")
        .isFalse();
  }

  @Test
  void bothNodesKnowTheSameCatalog() {
    eventually(() -> assertThat(second.applications().catalog()).isEqualTo(first.applications().catalog()));
    assertThat(first.applications().catalog().applications()).hasSize(NAMES.size() + 1);
  }

  private static Query of(String name, String context) {
    return new Query(name, Input.doubles(1, 2), Optional.of(context), Optional.of(Duration.ofSeconds(20)), Optional.empty());
  }

  private static Feedback feedback(String name, long queryId, String label, Optional<String> context, Optional<String> feedbackId) {
    return new Feedback(name, new Feedback.OfQuery(queryId), new Feedback.Label(label), context, feedbackId);
  }

  private static Refused invalid(String words) {
    return new Refused(Refused.Reason.INVALID, words);
  }

  private static Refused tooLarge(String words) {
    return new Refused(Refused.Reason.TOO_LARGE, words);
  }

  private static Feedback label(String name, Input input, String label) {
    return new Feedback(name, new Feedback.OfInput(input), new Feedback.Label(label), Optional.empty(), Optional.empty());
  }

  private static Query query(String name) {
    return query(name, Input.doubles(1, 2));
  }

  private static Query query(String name, Input input) {
    return new Query(name, input, Optional.empty(), Optional.of(Duration.ofSeconds(20)), Optional.empty());
  }

  private static Application application(String name) {
    return new Application(name, Signature.named("doubles"), Duration.ofSeconds(1), "-1", LearningSettings.DEFAULT, List.of());
  }

  /** What one node does, the other hears of. */
  private static void eventually(ThrowingRunnable assertion) {
    Awaitility.await().atMost(PATIENCE).untilAsserted(assertion);
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
